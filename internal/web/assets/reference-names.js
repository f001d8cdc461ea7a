// Swagger UI leaves some controls without a name and some headings without their level; screen readers need both.

// nameControls gives names to everything in an element, now and whenever it changes.
export function nameControls(element) {
  let asked = false;
  const soon = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      improve(element);
    });
  };
  new MutationObserver(soon).observe(element, { childList: true, subtree: true });
  soon();
}

const names = [
  ["textarea.body-param__text", () => "Request body"],
  [".body-param-content-type select", () => "Media type of the request body"],
  [".response-content-type select, .responses-wrapper select.content-type", () => "Media type of the answer"],
  [".examples-select__input select, select.examples-select-element", () => "Example"],
  ["tr[data-param-name] select", (control) => control.closest("tr").dataset.paramName],
  ["tr[data-param-name] input", (control) => control.closest("tr").dataset.paramName],
  ["tr[data-param-name] textarea", (control) => control.closest("tr").dataset.paramName],
  [".auth-container input[type=text]:not([id])", () => "Value"],
  ["select", () => "Choice"],
  ["button.close-modal", () => "Close"],
];

const levels = [
  [".info h1.title, .info h2.title", 2], ["h3.opblock-tag", 2], [".opblock-section-header h4", 3], [".responses-inner h4", 3], [".responses-inner h5", 4],
  [".opblock-title_normal", 3], [".request-panel h4", 4], [".request-panel h5", 5], [".curl-command h4", 4], ["section.models h4", 2], [".modal-ux h3", 2], [".modal-ux h4", 3], [".modal-ux h6", 4],
];

function improve(element) {
  for (const [selector, nameOf] of names) {
    for (const control of element.querySelectorAll(selector)) {
      if (!control.hasAttribute("aria-label") && !control.hasAttribute("aria-labelledby") && !control.labels?.length) {
        control.setAttribute("aria-label", nameOf(control));
      }
    }
  }
  for (const [selector, level] of levels) {
    for (const heading of element.querySelectorAll(selector)) heading.setAttribute("aria-level", level);
  }
  for (const region of element.querySelectorAll("[role=region]:not([aria-label])")) {
    region.setAttribute("aria-label", `Responses: ${region.closest(".opblock")?.querySelector(".opblock-summary-description")?.textContent ?? ""}`);
  }
  // A name must begin with what is to be seen.
  for (const button of element.querySelectorAll(".auth-btn-wrapper button[aria-label]")) button.removeAttribute("aria-label");
  for (const scrolling of element.querySelectorAll("pre:not([tabindex])")) scrolling.tabIndex = 0;
}
