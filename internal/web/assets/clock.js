// The clock of the world, and the way back to real time.
import { call, isOver, onSession, signIn, who } from "./api.js";
import { busy, byId, h, say } from "./dom.js";

let ahead = 0; // milliseconds

// startClock shows the clock of whoever is signed in, from now on.
export function startClock() {
  const form = byId("clock-form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(byId("clock-go"), byId("clock-problem"), () => move(Number(form.elements.amount.value) * Number(form.elements.unit.value)));
  });
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => busy(button, byId("clock-problem"), () => move(Number(button.dataset.advance))));
  }
  const fresh = byId("world-reset");
  fresh.addEventListener("click", () => busy(fresh, byId("clock-problem"), startAfresh));
  onSession(() => readClock());
  readClock();
  setInterval(tick, 1000);
}

// readClock looks at the clock again.
export async function readClock({ quiet = false } = {}) {
  if (!who().key && !who().user) return;
  try {
    paint(await call("GET", "/sandbox/clock"));
  } catch (problem) {
    if (!isOver(problem) && !quiet) byId("clock-problem").replaceChildren(h("p", { class: "problem" }, problem.message));
  }
}

async function move(advanceMs) {
  paint(await call("POST", "/sandbox/clock", { body: { advanceMs } }));
  say(`The clock is ${lengthOf(ahead)} ahead`);
}

// startAfresh empties the world and gives it its applications and messages back.
async function startAfresh() {
  if (!confirm("Empty the inbox and remove all PINs, limits and faults of this world? Its clock goes back to real time. Applications and messages stay.")) return;
  await call("POST", "/sandbox/reset", { body: { keepApplications: true } });
  signIn({}); // every panel looks anew
  say("The world is as new");
}

function paint(clock) {
  ahead = clock.aheadMs;
  byId("clock-badge").textContent = ahead === 0 ? "" : `+${lengthOf(ahead)}`;
  byId("clock-ahead").textContent = ahead === 0 ? "Real time" : `${lengthOf(ahead)} ahead of real time`;
  tick();
}

function tick() {
  const now = new Date(Date.now() + ahead);
  const element = byId("clock-now");
  element.dateTime = now.toISOString();
  element.textContent = now.toLocaleString([], { dateStyle: "medium", timeStyle: "medium", hour12: false });
}

const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]];

// lengthOf says a length of time in its two largest units.
function lengthOf(millis) {
  const words = [];
  for (const [unit, size] of units) {
    const n = Math.floor(millis / size);
    if (n > 0 && words.length < 2) words.push(`${n} ${unit}`);
    millis -= n * size;
  }
  return words.join(" ") || `${millis} ms`;
}
