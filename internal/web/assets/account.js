// Who calls: the demo account from the start, or whoever signs in here; and which world is meant.
import { Problem, call, headersOf, isOver, onSession, signIn, who } from "./api.js";
import { byId, h, say } from "./dom.js";

const worldHeader = "Pinpost-World";

// startAccount signs the demo account in, or asks for credentials where the server does not give any.
export async function startAccount() {
  const dialog = byId("account");
  byId("account-open").addEventListener("click", () => dialog.showModal());
  byId("account-form").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("account-problem").replaceChildren();
    signInBy(event.target.elements).then(() => {
      event.target.reset();
      dialog.close();
    }, (problem) => {
      if (!isOver(problem)) byId("account-problem").replaceChildren(h("p", { class: "problem" }, problem.message));
    });
  });
  byId("account-cancel").addEventListener("click", () => dialog.close());
  byId("world").addEventListener("focus", () => listWorlds().catch(() => {}));
  byId("world").addEventListener("change", (event) => chooseWorld(event.target.value));
  document.addEventListener("pinpost:closed", () => chooseWorld("", "This world was closed"));
  onSession(showWho);
  const answer = await fetch("/console/session.json", { cache: "no-store" }).catch(() => null);
  if (answer?.status === 200) {
    signIn({ ...await answer.json(), demo: true });
    await listWorlds().catch(() => {});
    return;
  }
  showWho();
  dialog.showModal();
}

async function signInBy({ key, user, password }) {
  const given = { key: key.value.trim(), user: user.value.trim(), password: password.value };
  if (!given.key && !given.user) throw new Error("Give an API key, or a user name and a password");
  if (given.key && given.user) throw new Error("Give an API key or a user name, not both");
  if (given.user && !given.password) throw new Error("Give the password of the user too");
  try {
    await enter({ ...given, headers: {}, demo: false });
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    throw new Error(given.key ? "This key is not known here" : "User name or password is not right", { cause: problem });
  }
  await listWorlds().catch(() => {});
}

// chooseWorld goes to a world of the account, or to the account's own.
async function chooseWorld(id, reason = "") {
  byId("world-problem").textContent = reason;
  if (reason) say(reason);
  try {
    await enter({ ...who(), headers: id ? { [worldHeader]: id } : {} });
  } catch (problem) {
    if (isOver(problem)) return;
    byId("world-problem").textContent = problem.message;
    await listWorlds().catch(() => {});
  }
  byId("world").value = who().headers[worldHeader] ?? "";
}

let entering = 0;

// enter signs in with credentials that the server takes, and looks for an application and a message to begin with. Of
// several at once the last counts.
async function enter(as) {
  const turn = ++entering;
  const answer = await fetch("/sandbox/seed", { headers: headersOf(as), credentials: "omit", cache: "no-store" });
  const body = await answer.json().catch(() => null);
  if (turn !== entering) throw new DOMException("somebody else enters", "AbortError");
  if (!answer.ok) throw new Problem(answer.status, body);
  const application = body.applications.find(({ applicationId, messages }) => messages?.length > 0 && applicationId === as.applicationId)
    ?? body.applications.find(({ messages }) => messages?.length > 0);
  signIn({ ...as, applicationId: application?.applicationId ?? "", messageId: application?.messages[0].messageId ?? "" });
}

async function listWorlds() {
  const { worlds } = await call("GET", "/sandbox/worlds", { as: { ...who(), headers: {} } });
  const select = byId("world");
  const chosen = who().headers[worldHeader] ?? "";
  select.replaceChildren(h("option", { value: "" }, "Account's own"),
    ...worlds.map((world) => h("option", { value: world.worldId }, world.name || world.worldId)));
  select.value = chosen;
  select.closest("label").hidden = worlds.length === 0 && chosen === "";
}

function showWho() {
  const { key, user, password, demo } = who();
  byId("account-open").textContent = key ? `Key ${key.slice(0, 4)}…` : user || "Sign in";
  const rows = demo ? [["API key", key], ["User", user], ["Password", password]] : [["Signed in with", key ? `key ${key.slice(0, 4)}…` : user]];
  byId("account-credentials").replaceChildren(...rows.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}
