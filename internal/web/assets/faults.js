// Faults: see them, plan them, remove them.
import { call, isOver, onSession, who } from "./api.js";
import { busy, byId, h, say } from "./dom.js";

// startFaults shows the faults of whoever is signed in, from now on.
export function startFaults() {
  const form = byId("fault-form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(byId("fault-go"), byId("fault-problem"), plan);
  });
  form.addEventListener("change", adapt);
  const all = byId("faults-clear");
  all.addEventListener("click", () => busy(all, byId("fault-problem"), async () => {
    paint(await call("DELETE", "/sandbox/faults"), true);
    say("Removed all faults");
  }));
  adapt();
  onSession(() => readFaults());
  readFaults();
}

// readFaults looks again: faults wear off as they strike.
export async function readFaults({ quiet = false } = {}) {
  if (!who().key && !who().user) return;
  try {
    paint(await call("GET", "/sandbox/faults"));
  } catch (problem) {
    if (!isOver(problem) && !quiet) byId("fault-problem").replaceChildren(h("p", { class: "problem" }, problem.message));
  }
}

// adapt shows only the members that go with the choice.
function adapt() {
  const { effect, how } = byId("fault-form").elements;
  byId("fault-delay").hidden = effect.value !== "DELAY";
  byId("fault-count").hidden = how.value !== "count";
  byId("fault-share").hidden = how.value !== "share";
}

async function plan() {
  const { operation, to, effect, delayMs, how, count, share, seed } = byId("fault-form").elements;
  const body = { effect: effect.value };
  if (operation.value) body.operation = operation.value;
  if (to.value.trim()) body.to = to.value.replace(/[\s()./-]/g, "");
  if (effect.value === "DELAY") body.delayMs = Number(delayMs.value);
  if (how.value === "count") body.count = Number(count.value);
  else Object.assign(body, { share: Number(share.value) / 100, seed: Number(seed.value) });
  await call("POST", "/sandbox/faults", { body });
  say("Planned");
  await readFaults();
}

let painted = "";

function paint({ faults }, removed = false) {
  const left = removed ? [] : faults;
  const now = JSON.stringify(left);
  if (now === painted) return; // painting takes the focus away
  painted = now;
  byId("fault-badge").textContent = left.length === 0 ? "" : String(left.length);
  byId("fault-list").replaceChildren(...left.map(item));
  byId("faults-none").hidden = left.length > 0;
  byId("faults-clear").hidden = left.length === 0;
}

function item(fault) {
  const text = describe(fault);
  const remove = h("button", { type: "button", class: "quiet", "aria-label": `Remove: ${text}` }, "Remove");
  remove.addEventListener("click", () => busy(remove, byId("fault-problem"), async () => {
    await call("DELETE", `/sandbox/faults/${encodeURIComponent(fault.id)}`);
    say("Removed");
    await readFaults();
    byId("fault-go").focus();
  }));
  return h("li", {}, h("p", {}, text), h("p", { class: "note" }, `Struck ${fault.struck === 1 ? "once" : `${fault.struck} times`} so far`), remove);
}

const effects = {
  DELAY: (fault) => `is carried out ${fault.delayMs} ms later`, TOO_MANY_REQUESTS: () => "answers 429", GENERAL_ERROR: () => "answers 500",
  UNAVAILABLE: () => "answers 503", RESET: () => "has its connection broken", CARRIER_REFUSAL: () => "is refused by the carrier",
};

// describe says a fault in a sentence.
function describe(fault) {
  const each = fault.count === 1 ? "The next call" : `Each of the next ${fault.count} calls`;
  const which = fault.share === undefined ? each : `By a chance of ${Math.round(100 * fault.share)} %, each call`;
  const of = fault.operation ? ` of ${fault.operation}` : "";
  const to = fault.to ? ` to ${fault.to}` : "";
  const key = fault.keyId ? ` with key ${fault.keyId}` : "";
  return `${which}${of}${to}${key} ${effects[fault.effect](fault)}.`;
}
