// The inbox: messages appear by themselves, newest first.
import { call, isOver, onSession, who } from "./api.js";
import { busy, byId, copyButton, h, quoted, say } from "./dom.js";
import { card, refresh } from "./message.js";
import { follow } from "./stream.js";

const page = 50; // messages a reading
const most = 300; // messages that are shown; older ones are read again when asked for
const shown = new Map(); // by id: { message, element }

let older = ""; // the cursor that the next page lies before; "" when there is none
let following = new AbortController();

// startInbox shows the inbox of whoever is signed in, from now on.
export function startInbox() {
  byId("inbox-filter").addEventListener("input", narrow);
  byId("inbox-filter").addEventListener("change", () => guarded(look));
  byId("inbox-older").addEventListener("click", () => guarded(() => read({ before: older })));
  byId("inbox-empty-all").addEventListener("click", (event) => busy(event.currentTarget, byId("inbox-problem"), empty));
  onSession(begin);
  begin();
}

function guarded(task) {
  byId("inbox-problem").replaceChildren();
  task().catch((problem) => {
    if (!isOver(problem)) byId("inbox-problem").replaceChildren(h("p", { class: "problem" }, problem.message));
  });
}

function begin() {
  following.abort();
  following = new AbortController();
  shown.clear();
  byId("messages").replaceChildren();
  older = "";
  if (!who().key && !who().user) {
    showState("refused");
    return;
  }
  guarded(watch);
}

// watch lists what there is and then follows from there.
async function watch() {
  const { signal } = following;
  let newest = "0"; // before the first
  for (let pause = 500; ; pause = Math.min(2 * pause, 5000)) {
    try {
      newest = (await read({}))[0]?.cursor ?? newest;
      break;
    } catch (problem) {
      if (signal.aborted || problem.status < 500) throw problem;
      showState("lost");
      await new Promise((done) => setTimeout(done, pause));
      if (signal.aborted) return;
    }
  }
  await follow("/sandbox/inbox/events", signal, newest, { events: { message: arrive }, state: showState });
}

const states = {
  live: "Live", lost: "The connection is lost; trying again …", refused: "Not signed in", closed: "This world was closed",
};

function showState(state) {
  const element = byId("inbox-state");
  element.dataset.state = state;
  element.textContent = states[state];
  if (state === "closed") document.dispatchEvent(new Event("pinpost:closed"));
}

// read shows a page of what there is, the newest without a cursor, and gives it.
async function read(query) {
  const { messages, next } = await call("GET", "/sandbox/inbox", { query: { limit: page, ...query }, signal: following.signal });
  for (const message of messages) show(message, false);
  if (query.to === undefined) older = next ?? "";
  if (query.before === undefined && query.to === undefined) byId("messages").querySelector("details")?.setAttribute("open", "");
  narrow();
  return messages;
}

// look asks the server for messages to a whole number, which may lie further back than what is shown.
async function look() {
  const to = digits();
  if (to.length >= 7) await read({ to }).catch((problem) => { if (problem.status !== 400) throw problem; });
}

const digits = () => byId("inbox-filter").value.replace(/[^0-9]/g, "");

function arrive(message) {
  show(message, true);
  say(`${message.channel === "VOICE" ? "Call" : "Text"} to ${message.to}, PIN ${message.pin.split("").join(" ")}`);
  narrowSoon();
}

// show puts a message where its cursor says.
function show(message, fresh) {
  if (shown.has(message.id)) return;
  const element = card(message, { fresh, remove: () => remove(message.id) });
  shown.set(message.id, { message, element });
  const list = byId("messages");
  if (fresh) for (const open of list.querySelectorAll(".fresh details.body[open], li:first-child details.body[open]")) open.removeAttribute("open");
  let behind = fresh ? list.firstElementChild : null;
  if (behind && Number(behind.dataset.cursor) > Number(message.cursor)) behind = null;
  behind ??= [...list.children].find((other) => Number(other.dataset.cursor) < Number(message.cursor)) ?? null;
  list.insertBefore(element, behind);
  refresh(element, message);
  if (fresh && shown.size > most) fold(list.lastElementChild);
}

// fold takes the oldest message off the page; "Show older" brings it back.
function fold(element) {
  const [id] = [...shown].find(([, one]) => one.element === element);
  shown.delete(id);
  element.remove();
  older = byId("messages").lastElementChild.dataset.cursor;
}

async function remove(id) {
  await call("DELETE", `/sandbox/inbox/${encodeURIComponent(id)}`).catch((problem) => {
    if (problem.status !== 404) throw problem; // somebody else removed it
  });
  forget(id);
  say("Deleted");
  byId("inbox-filter").focus();
}

function forget(id) {
  shown.get(id)?.element.remove();
  shown.delete(id);
  narrow();
}

// empty removes what the filter shows, or everything there is.
async function empty() {
  const chosen = [...shown].filter(([, { element }]) => !element.hidden).map(([id]) => id);
  if (!confirm(digits() === "" ? "Remove every message of this inbox?" : `Remove the ${chosen.length} messages that are shown?`)) return;
  if (digits() === "") {
    for (let gone = 1; gone > 0;) gone = (await call("DELETE", "/sandbox/inbox")).messages.length;
    for (const id of [...shown.keys()]) forget(id);
    older = "";
    narrow();
  } else {
    for (const id of chosen) await remove(id);
  }
  say("Removed");
}

let asked = false;

// narrowSoon narrows once, however many messages arrive before the next picture.
function narrowSoon() {
  if (asked) return;
  asked = true;
  setTimeout(() => {
    asked = false;
    narrow();
  }, 50);
}

// narrow hides what the filter does not fit, and says so when nothing is left.
function narrow() {
  const wanted = digits();
  const nonsense = wanted === "" && byId("inbox-filter").value.trim() !== "";
  let visible = 0;
  for (const { message, element } of shown.values()) {
    element.hidden = nonsense || !message.to.includes(wanted);
    if (!element.hidden) visible++;
  }
  byId("inbox-count").textContent = shown.size === 0 ? "" : `${shown.size}${older === "" ? "" : "+"}`;
  byId("inbox-none").hidden = visible > 0 || (wanted === "" && !nonsense);
  byId("inbox-welcome").hidden = shown.size > 0 || wanted !== "" || nonsense;
  byId("inbox-older").hidden = older === "";
  byId("inbox-empty-all").hidden = visible === 0;
  byId("inbox-empty-all").textContent = wanted === "" ? "Empty the inbox …" : `Remove these ${visible} …`;
  if (shown.size === 0) welcome();
}

// welcome shows the command that sends the first message.
function welcome() {
  const { key, user, password, headers, applicationId, messageId } = who();
  if (!applicationId || (!key && !user)) {
    byId("inbox-command").replaceChildren(h("p", {}, "There is no application with a message here yet: create one in the reference, or load a seed."));
    return;
  }
  const lines = [
    `curl ${quoted(`${location.origin}/2fa/1/pin`)}`,
    key ? `-H ${quoted(`Authorization: App ${key}`)}` : `-u ${quoted(`${user}:${password}`)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    "-H 'Content-Type: application/json'",
    `-d ${quoted(JSON.stringify({ to: "41793026727", applicationId, messageId }))}`,
  ];
  const command = lines.join(" \\\n  ");
  byId("inbox-command").replaceChildren(h("pre", { tabindex: "0", "aria-label": "Command" }, h("code", {}, command)),
    copyButton("Copy command", command));
}
