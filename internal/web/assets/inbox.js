// The inbox: messages appear by themselves, newest first.
import { call, onSession, who } from "./api.js";
import { byId, copyButton, h, say } from "./dom.js";
import { card, refresh } from "./message.js";
import { follow } from "./stream.js";

const page = 50; // messages a reading
const shown = new Map(); // by id: { message, element }

let older = ""; // the cursor that the next page lies before; "" when there is none
let following = new AbortController();

// startInbox shows the inbox of whoever is signed in, from now on.
export function startInbox() {
  byId("inbox-filter").addEventListener("input", narrow);
  byId("inbox-filter").addEventListener("change", () => look().catch(report));
  byId("inbox-older").addEventListener("click", () => read({ before: older }).catch(report));
  byId("inbox-empty-all").addEventListener("click", () => empty().catch(report));
  onSession(begin);
  begin();
}

function begin() {
  following.abort();
  following = new AbortController();
  shown.clear();
  byId("messages").replaceChildren();
  older = "";
  byId("inbox-problem").replaceChildren();
  if (!who().key && !who().user) {
    showState("refused");
    return;
  }
  const { signal } = following;
  follow(signal, {
    message: (message) => arrive(message),
    state: (state) => {
      showState(state);
      if (state === "live") read({}, signal).catch((problem) => signal.aborted || report(problem));
    },
  });
}

const states = {
  live: "Live", lost: "The connection is lost; trying again …", refused: "Not signed in",
};

function showState(state) {
  const element = byId("inbox-state");
  element.dataset.state = state;
  element.textContent = states[state];
}

// read loads a page of what there is; without a cursor, the newest.
async function read(query, signal) {
  const { messages, next } = await call("GET", "/sandbox/inbox", { query: { limit: page, ...query }, signal });
  for (const message of messages) show(message, false);
  if (query.to === undefined && (query.before !== undefined || shown.size <= messages.length)) older = next ?? "";
  byId("messages").querySelector("details")?.setAttribute("open", "");
  narrow();
}

// look asks the server for messages to a whole number, which may lie further back than what is shown.
async function look() {
  const to = byId("inbox-filter").value.replace(/[^0-9]/g, "");
  if (to.length >= 7) await read({ to }).catch((problem) => { if (problem.status !== 400) throw problem; });
}

function arrive(message) {
  show(message, true);
  narrow();
  say(`${message.channel === "VOICE" ? "Call" : "Text"} to ${message.to}, PIN ${message.pin.split("").join(" ")}`);
}

// show puts a message where its cursor says.
function show(message, fresh) {
  if (shown.has(message.id)) return;
  const element = card(message, { fresh, remove: () => remove(message.id) });
  shown.set(message.id, { message, element });
  const list = byId("messages");
  if (fresh) for (const open of list.querySelectorAll("details.body[open]")) open.removeAttribute("open");
  const behind = [...list.children].find((other) => Number(other.dataset.cursor) < Number(message.cursor));
  list.insertBefore(element, behind ?? null);
  refresh(element, message);
}

async function remove(id) {
  await call("DELETE", `/sandbox/inbox/${encodeURIComponent(id)}`);
  forget(id);
  say("Deleted");
  byId("inbox-filter").focus();
}

function forget(id) {
  shown.get(id)?.element.remove();
  shown.delete(id);
  narrow();
}

// empty removes what the filter shows, or everything.
async function empty() {
  const to = byId("inbox-filter").value.replace(/[^0-9]/g, "");
  const { messages } = await call("DELETE", "/sandbox/inbox", { query: { to } });
  for (const message of messages) forget(message.id);
  say(`Removed ${messages.length}`);
}

// narrow hides what the filter does not fit, and says so when nothing is left.
function narrow() {
  const digits = byId("inbox-filter").value.replace(/[^0-9]/g, "");
  let visible = 0;
  for (const { message, element } of shown.values()) {
    element.hidden = !message.to.includes(digits);
    if (!element.hidden) visible++;
  }
  byId("inbox-count").textContent = shown.size === 0 ? "" : String(shown.size);
  byId("inbox-none").hidden = visible > 0 || digits === "";
  byId("inbox-welcome").hidden = shown.size > 0 || digits !== "";
  byId("inbox-older").hidden = older === "";
  byId("inbox-empty-all").hidden = visible === 0;
  if (shown.size === 0) welcome();
}

// welcome shows the command that sends the first message.
function welcome() {
  const { key, applicationId, messageId } = who();
  const body = JSON.stringify({ to: "41793026727", applicationId: applicationId || "…", messageId: messageId || "…" });
  const command = `curl ${location.origin}/2fa/1/pin \\\n  -H 'Authorization: App ${key || "…"}' \\\n`
    + `  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
  byId("inbox-command").replaceChildren(h("pre", { tabindex: "0", "aria-label": "Command" }, h("code", {}, command)),
    copyButton("Copy command", command));
}

function report(problem) {
  byId("inbox-problem").replaceChildren(h("p", { class: "problem" }, problem.message));
}
