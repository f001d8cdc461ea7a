// The console of a sandbox: the reference, and beside it the inbox and what it can be made to do.
import { startAccount } from "./account.js";
import { readClock, startClock } from "./clock.js";
import { byId } from "./dom.js";
import { readFaults, startFaults } from "./faults.js";
import { startInbox } from "./inbox.js";
import { startReference } from "./reference.js";
import { startSend } from "./send.js";

const views = { inbox: () => {}, send: () => {}, faults: readFaults, clock: readClock, reference: () => {} };

// showView shows what the address names. A wide window has room for the reference beside it.
function showView() {
  const wanted = location.hash.slice(1).replace("-title", "");
  const view = Object.hasOwn(views, wanted) ? wanted : "inbox";
  document.body.dataset.view = view;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  views[view]();
}

addEventListener("hashchange", showView);
showView();
await startAccount();
startReference(byId("swagger"), { choice: byId("contract") });
startInbox();
startSend();
startFaults();
startClock();
setInterval(() => { // others move the clock too, and faults wear off
  if (document.hidden) return;
  readFaults({ quiet: true });
  readClock({ quiet: true });
}, 2000);
