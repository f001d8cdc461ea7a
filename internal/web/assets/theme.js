// The theme is set before the page is painted: the one chosen here earlier, or the system's.
"use strict";
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    root.dataset.theme = localStorage.getItem("pinpost-theme") ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const show = () => button.setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
    show();
    button.addEventListener("click", () => {
      localStorage.setItem("pinpost-theme", root.dataset.theme === "dark" ? "light" : "dark");
      apply();
      show();
    });
  });
})();
