// Scenarios: pick an outcome from the table and send to it.
import { call, isOver, onSession, who } from "./api.js";
import { busy, byId, copyButton, h, say } from "./dom.js";

let scenarios = [];
let applications = [];

// startSend fills the form and the table for whoever is signed in, from now on.
export function startSend() {
  const form = byId("send-form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(byId("send-go"), byId("send-problem"), send);
  });
  for (const name of ["scenario", "limited"]) form.elements[name].addEventListener("change", pickNumber);
  form.elements.to.addEventListener("input", () => {
    form.elements.scenario.value = "";
    pickNumber();
  });
  form.elements.application.addEventListener("change", fillMessages);
  onSession(() => fill().catch(report));
  fill().catch(report);
}

function report(problem) {
  if (isOver(problem)) return;
  byId("send-problem").replaceChildren(h("p", { class: "problem" }, problem.message));
}

async function fill() {
  if (!who().key && !who().user) return;
  byId("send-problem").replaceChildren();
  scenarios = (await call("GET", "/sandbox/scenarios")).scenarios;
  const { scenario: select, to } = byId("send-form").elements;
  select.replaceChildren(h("option", { value: "" }, "A number of your own"),
    ...scenarios.map((scenario) => h("option", { value: scenario.name }, scenario.name)));
  // A number that a person has typed meanwhile stays, and one who is about to type is not interrupted.
  if (to.value === "" && document.activeElement !== to) select.value = scenarios[0]?.name ?? "";
  pickNumber();
  byId("scenarios").replaceChildren(...scenarios.map(row));
  await fillApplications();
}

// The applications come from the sandbox's own API, which no planned fault strikes.
async function fillApplications() {
  const select = byId("send-form").elements.application;
  ({ applications } = await call("GET", "/sandbox/seed"));
  select.replaceChildren(...applications.map((application) => h("option", { value: application.applicationId }, application.name)));
  if (applications.some((application) => application.applicationId === who().applicationId)) select.value = who().applicationId;
  fillMessages();
}

function fillMessages() {
  const { application, message } = byId("send-form").elements;
  const messages = applications.find((other) => other.applicationId === application.value)?.messages ?? [];
  message.replaceChildren(...messages.map((other) => h("option", { value: other.messageId }, other.messageText)));
  if (messages.some((other) => other.messageId === who().messageId)) message.value = who().messageId;
  byId("send-go").disabled = messages.length === 0; // until the first filling too
  if (messages.length === 0) report(new Error(nothingToSend));
}

// pickNumber says what a scenario does and puts a number of its block into the form; each time another, so that tries do not meet.
// Without a scenario the number stays.
function pickNumber() {
  const { scenario, limited, to } = byId("send-form").elements;
  const found = scenarios.find((other) => other.name === scenario.value);
  byId("send-what").textContent = found?.description ?? "A number outside the table is reachable by every channel.";
  if (!found) return;
  const block = limited.checked ? found.limitedNumbers : found.numbers;
  to.value = block.first.slice(0, -2) + String(Math.floor(Math.random() * 100)).padStart(2, "0");
}

const nothingToSend = "There is no application with a message here yet: create one in the reference, or load a seed";

async function send() {
  const { to, channel, application, message } = byId("send-form").elements;
  if (!message.value) throw new Error(nothingToSend);
  byId("send-result").replaceChildren(h("p", { class: "waiting" }, channel.value === "voice" ? "Calling …" : "Sending …"));
  try {
    const answer = await call("POST", channel.value === "voice" ? "/2fa/1/pin/voice" : "/2fa/1/pin", {
      body: { to: to.value.replace(/[\s()./-]/g, ""), applicationId: application.value, messageId: message.value },
    });
    byId("send-result").replaceChildren(result(answer));
    document.dispatchEvent(new CustomEvent("pinpost:pin", { detail: answer.pinId }));
    say(`Answered: ${answer.smsStatus ?? answer.callStatus}`);
  } catch (problem) {
    byId("send-result").replaceChildren();
    throw problem;
  }
}

function result(answer) {
  const rows = Object.entries(answer).map(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))]);
  return h("div", { class: "answer" }, h("h3", {}, "Answer: 200"), h("dl", { class: "facts" }, rows.flat()),
    answer.smsStatus === "MESSAGE_NOT_SENT" && h("p", { class: "note" }, "No carrier took it, so nothing is in the inbox. The status of the PIN says why."),
    h("p", { class: "actions" }, copyButton("Copy PIN ID", answer.pinId)));
}

function row(scenario) {
  const use = h("button", { type: "button", class: "quiet", "aria-label": `Use ${scenario.name}` }, "Use");
  use.addEventListener("click", () => {
    const form = byId("send-form");
    form.elements.scenario.value = scenario.name;
    pickNumber();
    form.elements.to.focus();
    form.scrollIntoView({ block: "start" });
  });
  const outcomes = [["lookup", scenario.ncStatus], ["text", scenario.smsStatus], ["then", scenario.messageStatus], ["call", scenario.callStatus],
    ["PIN", scenario.pin]];
  return h("tr", {},
    h("th", { scope: "row" }, scenario.name),
    h("td", {}, h("p", {}, scenario.description),
      h("ul", { class: "outcomes", "aria-label": "Documented values" }, outcomes.filter(([, value]) => value)
        .map(([name, value]) => h("li", {}, `${name} `, h("code", {}, value))))),
    h("td", { class: "numbers" }, block(scenario.numbers), h("span", { class: "note" }, "with limits"), block(scenario.limitedNumbers)),
    h("td", {}, use));
}

const block = ({ first, last }) => h("span", { class: "block" }, `${first}–${last.slice(-2)}`);
