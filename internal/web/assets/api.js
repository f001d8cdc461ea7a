// Calls of the server, as whoever is signed in.

const session = { key: "", user: "", password: "", world: "", applicationId: "", messageId: "" };

// signIn changes who calls; every panel listens and starts anew.
export function signIn(change) {
  Object.assign(session, change);
  document.dispatchEvent(new Event("pinpost:session"));
}

export const who = () => ({ ...session });

export const onSession = (listener) => document.addEventListener("pinpost:session", listener);

// headers are those of whoever is signed in.
export const headers = () => headersOf(session);

// headersOf are those that say who calls, and which world is meant.
export function headersOf({ key, user, password, world }) {
  const out = {};
  if (key) out.Authorization = `App ${key}`;
  else if (user) out.Authorization = `Basic ${base64(`${user}:${password}`)}`;
  if (world) out["Pinpost-World"] = world;
  return out;
}

function base64(text) {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
}

// Problem is an answer that is no success.
export class Problem extends Error {
  constructor(status, body) {
    const exception = body?.requestError?.serviceException;
    const members = Object.entries(exception?.validationErrors ?? {})
      .map(([member, faults]) => `${member}: ${[faults].flat().join(", ")}`);
    super([exception?.text ?? `The server answered ${status}`, ...members].join(" · "));
    this.status = status;
    this.kind = exception?.messageId ?? "";
  }
}

// call gives the answer of the server as a value.
export async function call(method, path, { query, body, signal } = {}) {
  const response = await request(method, path, { query, body, signal });
  return response.json();
}

// request gives the answer of the server as it comes.
export async function request(method, path, { query, body, signal, extra } = {}) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  let response;
  try {
    response = await fetch(url, {
      method, signal, cache: "no-store", credentials: "omit",
      headers: { ...headers(), ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...extra },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    if (cause.name === "AbortError") throw cause;
    throw new Error("The server did not answer: the connection was broken, or it is not running", { cause });
  }
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => null));
  return response;
}
