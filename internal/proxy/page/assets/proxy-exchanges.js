// The table of recent exchanges. It can be held still to read it, while the rest of the page goes on.
import { byId, h, timeOf } from "./dom.js";

const kept = 200; // rows; the proxy keeps no more either
let held = []; // what has come since the table was held still
let more = 0; // how many of those were dropped

const rows = () => byId("exchanges").tBodies[0];
const paused = () => byId("pause").getAttribute("aria-pressed") === "true";

export function startExchanges() {
  byId("only").addEventListener("change", narrow);
  byId("pause").addEventListener("click", () => {
    byId("pause").setAttribute("aria-pressed", String(!paused()));
    if (paused()) return;
    const waiting = held;
    forget();
    showExchanges(waiting);
  });
}

function forget() {
  [held, more] = [[], 0];
  byId("held").textContent = "";
}

// clearExchanges is for a proxy that was started anew. What is held still goes too: its numbers would be taken for the new one's.
export function clearExchanges() {
  forget();
  rows().replaceChildren();
}

// showExchanges shows the newest on top.
export function showExchanges(exchanges) {
  if (paused()) {
    held.push(...exchanges);
    more += held.splice(0, held.length - kept).length;
    const waiting = held.length + more;
    byId("held").textContent = waiting > 0 ? `${waiting} newer not shown` : "";
  } else {
    rows().prepend(...exchanges.map(row).reverse());
    while (rows().rows.length > kept) rows().lastElementChild.remove();
  }
  narrow();
}

function narrow() {
  const only = byId("only").checked;
  byId("exchanges").classList.toggle("only", only);
  const shown = rows().querySelectorAll(only ? "tr.wrong" : "tr").length;
  byId("exchanges").hidden = shown === 0;
  const all = rows().rows.length;
  byId("exchanges-none").textContent = shown > 0 || all === 0 ? "" : `None of the last ${all} exchanges has a violation.`;
}

function row({ number, time, tookMillis, operation, method, path, status, violations, more }) {
  return h("tr", { class: violations.length > 0 && "wrong", "data-exchange": number },
    h("td", {}, h("time", { datetime: time }, timeOf(Date.parse(time)))),
    h("td", {}, h("code", {}, operation || "no operation"), h("span", { class: "note" }, routed(method, path))),
    h("td", { class: "status" }, status || "none"),
    h("td", { class: "took" }, took(tookMillis)),
    h("td", {}, violations.length === 0 ? h("span", { class: "note" }, "none") : list(violations, more)));
}

// routed is a method with its path, which may break after each slash.
export const routed = (method, path) => [method, " ", ...path.split("/").flatMap((part, i) => (i === 0 ? [part] : ["/", h("wbr"), part]))];

const list = (violations, more) => h("ul", {},
  violations.map(({ in: side, where, text }) => h("li", {}, h("span", { class: "side" }, side), " ", h("code", {}, where), " ", text)),
  more > 0 && h("li", {}, `and ${more} more`));

const took = (millis) => millis >= 10_000 ? `${(millis / 1000).toFixed(1)} s` : `${millis.toFixed(millis < 10 ? 1 : 0)} ms`;
