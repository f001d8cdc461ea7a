// One captured message, as a person wants to see it.
import { call, request } from "./api.js";
import { busy, copyButton, h, timeOf } from "./dom.js";

// card is the list item of a message.
export function card(message, { fresh, remove }) {
  const problems = h("div", { role: "alert" });
  const removing = h("button", { type: "button", class: "quiet" }, "Delete");
  removing.addEventListener("click", () => busy(removing, problems, remove));
  return h("li", { class: fresh ? "message fresh" : "message", "data-cursor": message.cursor, "data-channel": message.channel },
    h("div", { class: "message-head" },
      h("span", { class: "channel" }, message.channel === "VOICE" ? "Call" : "Text"),
      h("span", { class: "to" }, h("span", { class: "hidden" }, "to "), `+${message.to}`),
      h("time", { datetime: new Date(message.at).toISOString() }, timeOf(message.at))),
    h("div", { class: "message-pin" },
      h("span", { class: "pin" }, h("span", { class: "hidden" }, "PIN "), h("code", {}, message.pin)),
      copyButton("Copy PIN", message.pin, { class: "" })),
    h("details", { class: "body", open: fresh },
      h("summary", {}, h("span", { class: "status" }), h("span", { class: "more" }, "Details")),
      message.channel === "VOICE" ? spoken(message) : phone(message),
      h("h3", {}, "What became of it"),
      h("ol", { class: "timeline" }),
      h("h3", {}, "Carriers that were asked"),
      h("ol", { class: "attempts" }),
      facts(message),
      h("p", { class: "actions" }, copyButton("Copy PIN ID", message.pinId), removing),
      problems));
}

// phone shows a text as a phone would, with a mark where one part ends and the next begins.
function phone(message) {
  const parts = message.parts ?? [message.text];
  const bubble = h("p", { class: "bubble" }, parts.flatMap((part, i) => (i === 0 ? [part] : [
    h("span", { class: "cut", title: `Part ${i + 1} of ${parts.length}` }, h("span", { class: "hidden" }, ` (part ${i + 1}) `)), part,
  ])));
  const count = message.segments === 1 ? "1 part" : `${message.segments} parts`;
  return h("div", { class: "screen" }, h("p", { class: "sender" }, message.from), bubble,
    h("p", { class: "note" }, `${count} · ${message.encoding}`));
}

// spoken shows what a call says.
function spoken(message) {
  return h("div", { class: "screen" }, h("p", { class: "sender" }, message.from || "Call"),
    h("p", { class: "bubble said" }, h("span", { class: "hidden" }, "Says: "), message.spoken),
    h("p", { class: "note" }, message.callStatus ?? ""), listen(message));
}

// listen plays what the phone would have heard. It is fetched when it is asked for, as each call takes a while to be spoken.
function listen(message) {
  const place = h("div", { class: "listen" });
  const problems = h("div", { role: "alert" });
  const button = h("button", { type: "button", class: "quiet" }, "Listen");
  button.addEventListener("click", () => busy(button, problems, async () => {
    const answer = await request("GET", `/sandbox/inbox/${encodeURIComponent(message.id)}/audio`);
    const sound = URL.createObjectURL(await answer.blob());
    const player = h("audio", { controls: true, src: sound, "aria-label": `Call to +${message.to}` });
    place.replaceChildren(player);
    await player.play().catch(() => {}); // a browser that does not play by itself shows the player
  }));
  place.append(button);
  return h("div", {}, place, problems);
}

function facts(message) {
  const rows = [
    ["PIN ID", message.pinId], ["Application", message.applicationId], ["Message", message.messageId],
    ["Number lookup", message.ncStatus], ["Cursor", message.cursor],
  ];
  return h("dl", { class: "facts" }, rows.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

const pauses = [300, 700, 1500, 3000, 6000, 12000]; // milliseconds between two looks at a status that is not the last

// refresh shows what became of a message, and looks again while there is more to come.
export async function refresh(element, message, looks = 0) {
  paint(element, message);
  if (message.history.at(-1)?.finalStatus !== false || looks === pauses.length) return;
  await new Promise((done) => setTimeout(done, pauses[looks]));
  if (!element.isConnected) return;
  const now = await call("GET", `/sandbox/inbox/${encodeURIComponent(message.id)}`).catch(() => null);
  if (now) await refresh(element, now, looks + 1);
}

function paint(element, { history: whole, attempts, callStatus }) {
  // A text begins as not sent, until a carrier has answered; that is no news once it has.
  const history = whole.length > 1 && whole[0].status === "MESSAGE_NOT_SENT" ? whole.slice(1) : whole;
  const last = history.at(-1);
  const status = element.querySelector(".status");
  status.textContent = callStatus ?? last?.status ?? "";
  status.dataset.kind = kindOf(last);
  element.querySelector(".timeline").replaceChildren(...history.map((entry) => h("li", { "data-kind": kindOf(entry) },
    h("span", { class: "step" }, entry.description), " ",
    h("time", { datetime: new Date(entry.at).toISOString() }, timeOf(entry.at)))));
  element.querySelector(".attempts").replaceChildren(...attempts.map((a) => h("li", {},
    `${a.carrier}: ${a.outcome}${a.code ? ` (${a.code})` : ""}, `, h("span", { class: "note" }, `${a.tookMs} ms`))));
}

function kindOf(entry) {
  if (!entry || !entry.finalStatus) return "pending";
  return ["MESSAGE_DELIVERED", "MESSAGE_ACCEPTED"].includes(entry.status) ? "good" : "bad";
}
