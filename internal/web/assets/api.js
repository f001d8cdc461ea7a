// Calls of the server, as whoever is signed in.

let session = { key: "", user: "", password: "", headers: {}, applicationId: "", messageId: "" };
let turn = new AbortController(); // ends what was asked for the session before

// signIn changes who calls. Answers to the one before are not waited for, and every panel starts anew.
export function signIn(change) {
  turn.abort();
  turn = new AbortController();
  session = { ...session, ...change };
  document.dispatchEvent(new Event("pinpost:session"));
}

export const who = () => session;

export const onSession = (listener) => document.addEventListener("pinpost:session", listener);

// headers are those of whoever is signed in.
export const headers = () => headersOf(session);

// headersOf are those that say who calls, and what goes with each call besides.
export function headersOf({ key, user, password, headers }) {
  const out = { ...headers };
  if (key) out.Authorization = `App ${key}`;
  else if (user) out.Authorization = basic(user, password);
  return out;
}

// basic is how a user name and a password are sent.
export const basic = (user, password) => `Basic ${btoa(String.fromCodePoint(...new TextEncoder().encode(`${user}:${password}`)))}`;

// Problem is an answer that is no success.
export class Problem extends Error {
  constructor(status, body) {
    const exception = body?.requestError?.serviceException;
    const members = Object.entries(exception?.validationErrors ?? {}).map(([member, faults]) => `${member} ${[faults].flat().join(", ")}`);
    super(`${status}: ${members.join(" · ") || (exception?.text ?? "no reason was given")}`);
    this.status = status;
  }
}

// isOver tells a call that was given up, because somebody else signed in, from one that failed.
export const isOver = (problem) => problem.name === "AbortError";

// call gives the answer of the server as a value.
export async function call(method, path, options = {}) {
  return (await request(method, path, options)).json();
}

// request gives the answer of the server as it comes.
export async function request(method, path, { query, body, signal, extra, as = session } = {}) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  let response;
  try {
    response = await fetch(url, {
      method, cache: "no-store", credentials: "omit",
      signal: signal ? AbortSignal.any([signal, turn.signal]) : turn.signal,
      headers: { ...headersOf(as), ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...extra },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    if (isOver(cause)) throw cause;
    throw new Error("The server did not answer: the connection was broken, or it is not running", { cause });
  }
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => null));
  return response;
}
