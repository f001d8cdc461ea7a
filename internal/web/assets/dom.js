// Small helpers to build elements. Text goes in as text nodes only, so nothing captured can become markup.

import { isOver } from "./api.js";

// h makes an element: h("button", {type: "button", onclick: f}, "Copy").
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

// say tells screen readers what has happened.
export function say(text) {
  byId("announcer").textContent = text;
}

// quoted makes one word of a text for a shell, whatever is in it.
export const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

// copyButton copies a text, or what a function gives by then, with one press, and says so in its own label for a moment.
export function copyButton(label, text, props = {}) {
  const button = h("button", { type: "button", class: "quiet", ...props }, label);
  button.addEventListener("click", async () => {
    try {
      await copy(typeof text === "function" ? text() : text);
      flash(button, "Copied", label);
    } catch {
      flash(button, "Not allowed to copy", label);
    }
  });
  return button;
}

// copy works on pages by plain HTTP too, which have no clipboard of their own.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = h("textarea", { class: "hidden", "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("the browser does not copy");
}

function flash(button, text, label) {
  button.textContent = text;
  say(text);
  setTimeout(() => { button.textContent = label; }, 1500);
}

// busy runs a task with a button switched off, and shows what went wrong in an element.
export async function busy(button, problems, task) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true"); // not disabled, so that the keyboard stays where it is
  problems.replaceChildren();
  try {
    await task();
  } catch (problem) {
    if (isOver(problem)) return;
    problems.replaceChildren(h("p", { class: "problem" }, problem.message));
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

// timeOf shows milliseconds since 1970 as a time of day, with the date when it is not today's.
export function timeOf(millis) {
  const at = new Date(millis);
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  return at.toDateString() === new Date().toDateString() ? time : `${at.toLocaleDateString()} ${time}`;
}
