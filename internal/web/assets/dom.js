// Small helpers to build elements. Text goes in as text nodes only, so nothing captured can become markup.

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

// copyButton copies a text with one press, and says so in its own label for a moment.
export function copyButton(label, text, props = {}) {
  const button = h("button", { type: "button", class: "quiet", ...props }, label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      flash(button, "Copied", label);
    } catch {
      flash(button, "Not allowed to copy", label);
    }
  });
  return button;
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
    problems.replaceChildren(h("p", { class: "problem" }, problem.message));
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

// timeOf shows milliseconds since 1970 as a time of day.
export function timeOf(millis) {
  return new Date(millis).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}
