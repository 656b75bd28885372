// The service's routes. The bearer token, where one is asked for, lives in this module's memory: in no storage, in no address.

const BUSY = new Set([429, 503]); // the service says when to come back
const UNREACHED = 5; // times that an unreachable service is asked again
const UNREACHED_S = 2;

let token = "";
let wanted = null; // a promise of the next token, while a person is asked for it
let askPerson = () => Promise.reject(new Error("no one to ask for a token"));

/** What the service answers where it gives none: a status, the fault and the remedy in words, and seconds to wait. */
export class Refusal extends Error {
  constructor(response, told) {
    super(told.error ?? `the service answered ${response.status}`);
    this.status = response.status;
    this.remedy = told.remedy ?? "";
    this.waitS = seconds(response.headers.get("Retry-After"));
  }
}

/** A service that could not be asked at all. */
export class Unreachable extends Error {
  constructor() {
    super("the service can't be reached");
    this.remedy = "check that it runs, then try again";
  }
}

/** Say who gives a token when the service asks for one: `ask(known)` promises it; `known` says whether one was refused. */
export function onToken(ask) {
  askPerson = ask;
}

/** The JSON at a path. */
export async function getJson(path) {
  return (await checked(await send(path, {}))).json();
}

/** The text at a path. */
export async function getText(path) {
  return (await checked(await send(path, {}))).text();
}

/** The answer to a body, however long the service is busy: it is asked again when it says so. `onWait` hears of each wait. */
export async function post(path, body, { signal, onWait = () => {} } = {}) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal };
  for (let unreached = 0; ; ) {
    try {
      return await (await checked(await send(path, options))).json();
    } catch (error) {
      const lost = error instanceof Unreachable && unreached++ < UNREACHED;
      if (!lost && !(error instanceof Refusal && BUSY.has(error.status))) throw error;
      const waitS = lost ? UNREACHED_S : error.waitS;
      onWait(waitS, lost ? "The service can't be reached" : "The service is busy");
      await pause(waitS, signal);
    }
  }
}

async function send(path, options) {
  for (;;) {
    const used = token;
    const headers = { ...options.headers, ...(used ? { Authorization: `Bearer ${used}` } : {}) };
    const response = await fetch(path, { ...options, headers, cache: "no-store" }).catch((error) => {
      throw error.name === "AbortError" ? error : new Unreachable();
    });
    if (response.status !== 401) return response;
    if (used === token) {
      wanted ??= askPerson(used !== "").finally(() => (wanted = null));
      token = await wanted;
    }
  }
}

async function checked(response) {
  if (response.ok) return response;
  throw new Refusal(response, await response.json().catch(() => ({})));
}

/** The seconds of a Retry-After header, which has them or a date; at least 1. */
function seconds(header) {
  const given = Number(header ?? 1);
  const found = Number.isNaN(given) ? (Date.parse(header) - Date.now()) / 1000 : given;
  return Math.max(1, Math.ceil(found || 1));
}

function pause(waitS, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new DOMException("stopped", "AbortError"));
    if (signal?.aborted) return stop();
    const timer = setTimeout(resolve, waitS * 1000);
    signal?.addEventListener("abort", () => (clearTimeout(timer), stop()), { once: true });
  });
}
