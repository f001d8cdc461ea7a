// Server-sent events over fetch: the browser's own EventSource cannot send credentials.
import { isOver, request } from "./api.js";

const shortest = 250, longest = 5000; // milliseconds between two tries
const lasting = 5000; // milliseconds after which a stream counts as good

// follow calls back with each event behind a cursor, by its name, and comes back after a break without losing one. While nobody looks
// at the page it holds no connection: browsers have six for a server. It ends with signal, or when the server refuses.
export async function follow(path, signal, after, { events: heard, state }) {
  let pause = shortest;
  while (!signal.aborted) {
    await shown(signal);
    const began = Date.now();
    const unwatched = new AbortController();
    const hide = () => document.hidden && unwatched.abort();
    document.addEventListener("visibilitychange", hide);
    try {
      const response = await request("GET", path, {
        signal: AbortSignal.any([signal, unwatched.signal]), extra: { "Last-Event-ID": after },
      });
      state("live");
      for await (const event of events(response.body)) {
        pause = shortest;
        if (event.id !== "") after = event.id;
        heard[event.name]?.(JSON.parse(event.data));
      }
    } catch (problem) {
      if (signal.aborted || (isOver(problem) && !unwatched.signal.aborted)) return;
      if (problem.status >= 400 && problem.status < 500) {
        state(problem.status === 404 ? "closed" : "refused");
        return;
      }
    } finally {
      document.removeEventListener("visibilitychange", hide);
    }
    if (signal.aborted || unwatched.signal.aborted) continue;
    state("lost");
    if (Date.now() - began > lasting) pause = shortest;
    await new Promise((done) => setTimeout(done, pause));
    pause = Math.min(2 * pause, longest);
  }
}

// shown waits until somebody looks at the page.
function shown(signal) {
  return new Promise((done) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      done();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
    look();
  });
}

// events cuts a body into events.
async function* events(body) {
  let text = "";
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      yield parse(text.slice(0, end));
      text = text.slice(end + 2);
    }
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
