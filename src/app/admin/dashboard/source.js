// Where the figures come from: the admin listener's API, asked with a token if it wants one.
// The token stays in this tab (sessionStorage), is sent in a header and never in an address.

const KEY = "summary-gateway token";
const TIMEOUT_MS = 5000;

export class TokenNeeded extends Error {}

export const token = {
  get: () => sessionStorage.getItem(KEY),
  set: (text) => sessionStorage.setItem(KEY, text),
  forget: () => sessionStorage.removeItem(KEY),
};

export async function get(path) {
  const headers = token.get() ? { Authorization: `Bearer ${token.get()}` } : {};
  const answer = await fetch(path, { headers, cache: "no-store", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (answer.status === 401) throw new TokenNeeded();
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}
