// Who calls: the demo account from the start, or whoever signs in here; and which world is meant.
import { Problem, call, headersOf, onSession, signIn, who } from "./api.js";
import { byId, h } from "./dom.js";

// startAccount signs the demo account in, or asks for credentials where the server does not give any.
export async function startAccount() {
  const dialog = byId("account");
  byId("account-open").addEventListener("click", () => dialog.showModal());
  byId("account-form").addEventListener("submit", (event) => {
    event.preventDefault();
    signInBy(event.target.elements).then(() => dialog.close(), (problem) => {
      byId("account-problem").replaceChildren(h("p", { class: "problem" }, problem.message));
    });
  });
  byId("account-cancel").addEventListener("click", () => dialog.close());
  byId("world").addEventListener("change", (event) => enter({ ...who(), world: event.target.value }));
  onSession(showWho);
  const answer = await fetch("/console/session.json", { cache: "no-store" }).catch(() => null);
  if (answer?.status === 200) {
    signIn(await answer.json());
    await listWorlds();
    return;
  }
  showWho();
  dialog.showModal();
}

async function signInBy({ key, user, password }) {
  byId("account-problem").replaceChildren();
  const given = { key: key.value.trim(), user: user.value.trim(), password: password.value };
  if (!given.key && !given.user) throw new Error("Give an API key, or a user name and a password");
  await enter(given.key ? { key: given.key, user: "", password: "", world: "" } : { ...given, world: "" });
  await listWorlds();
}

// enter signs in with credentials that the server takes, and looks for an application and a message to begin with.
async function enter(credentials) {
  const answer = await fetch("/sandbox/seed", { headers: headersOf(credentials), credentials: "omit" });
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, body);
  const application = body.applications.find(({ messages }) => messages?.length > 0);
  signIn({ ...credentials, applicationId: application?.applicationId ?? "", messageId: application?.messages[0].messageId ?? "" });
}

async function listWorlds() {
  const { worlds } = await call("GET", "/sandbox/worlds").catch(() => ({ worlds: [] }));
  const select = byId("world");
  select.replaceChildren(h("option", { value: "" }, "Account's own"),
    ...worlds.map((world) => h("option", { value: world.worldId }, world.name || world.worldId)));
  select.closest("label").hidden = worlds.length === 0;
}

function showWho() {
  const { key, user } = who();
  byId("account-open").textContent = key ? `Key ${key.slice(0, 4)}…` : user || "Sign in";
  byId("account-credentials").replaceChildren(...[
    ["API key", key], ["User", user], ["Password", who().password],
  ].filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}
