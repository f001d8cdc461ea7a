// Server-sent events over fetch: the browser's own EventSource cannot send credentials.
import { request } from "./api.js";

// follow calls back with each message as it comes, and comes back after a break without losing one. It ends with signal.
export async function follow(signal, { message, state }) {
  let last;
  let pause = 250;
  while (!signal.aborted) {
    try {
      const response = await request("GET", "/sandbox/inbox/events", {
        signal, extra: last === undefined ? {} : { "Last-Event-ID": last },
      });
      state("live");
      pause = 250;
      for await (const event of events(response.body, signal)) {
        if (event.id !== "") last = event.id;
        if (event.name === "message") message(JSON.parse(event.data));
      }
    } catch (problem) {
      if (signal.aborted) return;
      if (problem.status === 401 || problem.status === 404) {
        state("refused");
        return;
      }
    }
    if (signal.aborted) return;
    state("lost");
    await new Promise((done) => setTimeout(done, pause));
    pause = Math.min(2 * pause, 5000);
  }
}

// events cuts a body into events.
async function* events(body, signal) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const stop = () => reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  try {
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        yield parse(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function parse(block) {
  const event = { id: "", name: "", data: "" };
  for (const line of block.split("\n")) {
    if (line.startsWith("id: ")) event.id = line.slice(4);
    else if (line.startsWith("event: ")) event.name = line.slice(7);
    else if (line.startsWith("data: ")) event.data += line.slice(6);
  }
  return event;
}
