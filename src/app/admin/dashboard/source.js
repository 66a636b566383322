// Where the figures come from: the admin listener's API, asked with a token if it wants one.
// The token stays in this tab (sessionStorage), is sent in a header and never in an address.

const KEY = "summary-gateway token";
const TIMEOUT_MS = 5000;
const LONGEST_CHANGE_MS = 15_000; // a reload reads files

export class TokenNeeded extends Error {}

export const token = {
  get: () => sessionStorage.getItem(KEY),
  set: (text) => sessionStorage.setItem(KEY, text),
  forget: () => sessionStorage.removeItem(KEY),
};

async function ask(path, method, within) {
  const headers = token.get() ? { Authorization: `Bearer ${token.get()}` } : {};
  // A certificate that the browser shows is a credential, too.
  const answer = await fetch(path, { method, headers, cache: "no-store", credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(within) });
  if (answer.status === 401) throw new TokenNeeded();
  return answer;
}

export async function get(path) {
  const answer = await ask(path, "GET", TIMEOUT_MS);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// What a change brought, or { message } that says why not.
export async function change(path) {
  return (await ask(path, "POST", LONGEST_CHANGE_MS)).json();
}
