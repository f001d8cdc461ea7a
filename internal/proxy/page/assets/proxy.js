// The live page of a proxy: a verdict, what was found, what passed, and what of the contract was tried.
import { byId, copyButton, h, say, timeOf } from "./dom.js";
import { follow } from "./stream.js";
import { clearExchanges, routed, showExchanges, startExchanges } from "./proxy-exchanges.js";

let ended = false; // whether the proxy has said goodbye
const groups = new Map(); // elements by id
const few = 8; // kinds of violations that are shown before one asks for all, so that the exchanges are not far below; as in proxy.css
const numbers = new Intl.NumberFormat("en");
const count = (n, one, many = `${one}s`) => `${numbers.format(n)} ${n === 1 ? one : many}`;

const states = {
  live: "Live", lost: "The connection to the proxy is lost; trying again …", refused: "The proxy refuses to show this",
  ended: "The proxy has stopped; waiting for it to come back …",
};

function showState(state) {
  const shown = state === "lost" && ended ? "ended" : state;
  byId("state").dataset.state = shown;
  byId("state").textContent = states[shown] ?? states.refused;
}

// begin shows a report of all that is kept: the first one, or that of a proxy that was started anew.
function begin(report) {
  ended = false;
  groups.clear();
  byId("groups").replaceChildren();
  clearExchanges();
  showAbout(report.about);
  update(report);
}

// update shows what is new.
function update({ totals, operations, groups: changed, exchanges }) {
  showVerdict(totals);
  for (const group of changed) showGroup(group);
  showButton();
  byId("groups-none").hidden = totals.violations > 0;
  byId("groups-more").hidden = totals.ungrouped === 0;
  byId("groups-more").textContent = `And ${count(totals.ungrouped, "violation")} of further kinds.`;
  byId("welcome").hidden = totals.exchanges > 0;
  byId("violations").hidden = byId("recent").hidden = totals.exchanges === 0;
  showExchanges(exchanges);
  showOperations(operations, totals.unknown);
}

function showVerdict({ exchanges, violations, kinds, ungrouped, others, left }) {
  const passed = count(exchanges, "exchange");
  const ofKinds = violations === 1 ? "" : ` of ${ungrouped > 0 ? "more than " : ""}${count(kinds, "kind")}`;
  const clean = exchanges === 0 ? "Nothing has passed yet" : `No violations in ${passed}`;
  const text = violations === 0 ? clean : `${count(violations, "violation")}${ofKinds}`;
  byId("verdict-text").textContent = text;
  byId("verdict").dataset.kind = violations > 0 ? "bad" : exchanges > 0 ? "good" : "none";
  byId("verdict-more").textContent = [
    violations > 0 && `in ${passed}`,
    others > 0 && `${count(others, "exchange")} of other paths passed unjudged`,
    left > 0 && `${count(left, "client")} left before the end`,
  ].filter(Boolean).join(" · ");
  document.title = exchanges === 0 ? "Pinpost proxy" : `${text} – Pinpost proxy`;
  announce(`${exchanges > 0} ${kinds}`, text);
}

// announce tells screen readers of the verdict when it is another one, not each time that a number in it grows.
let announced = "";
function announce(key, text) {
  if (key === announced) return;
  announced = key;
  say(text);
}

function showAbout({ upstream, proxy, schemas, began }) {
  const facts = {
    Proxy: proxy, "Passes on to": upstream, "Undeclared members": schemas === "open" ? "allowed" : "not allowed", Since: timeOf(Date.parse(began)),
  };
  byId("about").replaceChildren(...Object.entries(facts).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  const command = `PINPOST_URL=${proxy}`;
  byId("command").replaceChildren(h("pre", {}, command), h("p", { class: "actions" }, copyButton("Copy", command)));
}

// showGroup keeps the element of a group that grows, so that the keyboard stays on its button. New kinds come first.
function showGroup({ id, operation, in: side, where, text, count: times, first, last }) {
  if (!groups.has(id)) {
    const parts = { times: h("span", { class: "times" }), seen: h("span"), request: h("span") };
    byId("groups").prepend(h("li", {},
      h("p", { class: "head" }, h("strong", {}, operation || "no operation"), h("span", { class: "side" }, side), parts.times),
      h("p", { class: "text" }, h("code", {}, where), " ", text),
      h("p", { class: "note" }, parts.seen, " ", parts.request)));
    groups.set(id, parts);
  }
  const parts = groups.get(id);
  parts.times.textContent = times === 1 ? "once" : `${numbers.format(times)} times`;
  parts.seen.textContent = times === 1 ? `Seen ${sighting(last)}.` : `First seen ${sighting(first)}, last ${sighting(last)}.`;
  showRequest(parts, last.requestId);
}

const sighting = ({ time, exchange }) => `${timeOf(Date.parse(time))} in exchange ${exchange}`;

// showRequest shows what to look for in the service's log: the request ID of the last time.
function showRequest(parts, id) {
  parts.id = id;
  if (!id) {
    parts.request.replaceChildren("The answer names no request ID.");
    parts.code = undefined;
    return;
  }
  if (!parts.code) {
    parts.code = h("code");
    parts.request.replaceChildren("Request ID ", parts.code, copyButton("Copy", () => parts.id, { "aria-label": "Copy request ID" }));
  }
  parts.code.textContent = id;
}

function showButton() {
  const button = byId("groups-all");
  const all = button.getAttribute("aria-expanded") === "true";
  button.hidden = groups.size <= few;
  button.textContent = all ? `Show the latest ${few} kinds` : `Show all ${count(groups.size, "kind")}`;
  byId("groups").classList.toggle("all", all);
}

function showOperations(operations, unknown) {
  const seen = operations.filter((one) => one.count > 0).length;
  byId("operations-seen").textContent = `${seen} of ${operations.length} seen`;
  const row = (name, what, times, wrong) => h("li", { "data-seen": String(times > 0) }, name,
    h("span", { class: "times" }, wrong > 0 && h("span", { class: "wrong" }, `${numbers.format(wrong)} wrong of `), times === 0 ? "never" : numbers.format(times)),
    h("span", { class: "note" }, what));
  const rows = operations.map(({ id, method, path, count: times, wrong }) => row(h("code", {}, id), routed(method, path), times, wrong));
  if (unknown > 0) rows.push(row(h("span", {}, "no operation"), "a path or a method that the contract does not have", unknown, unknown));
  byId("operations-list").replaceChildren(...rows);
}

byId("groups-all").addEventListener("click", ({ currentTarget: button }) => {
  button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
  showButton();
});
startExchanges();
await follow("/events", new AbortController().signal, "", {
  events: { snapshot: begin, update, end: () => { ended = true; } }, state: showState,
});
