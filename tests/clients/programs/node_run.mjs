// What all programs for Node share: the settings, and one line of JSON that says what came of it. ../test_clients.py has the rules.
export const settings = {
  url: process.env.CLIENT_URL,
  user: process.env.CLIENT_USER,
  secret: process.env.CLIENT_SECRET,
  timeoutMs: Number(process.env.CLIENT_TIMEOUT) * 1000,
  proxied: process.env.HTTPS_PROXY !== undefined,
};

// Follows the pages of a list by the link in its `meta`.
export async function walk(get) {
  let calls = 0;
  for (let url = `${settings.url}/v1/Voice/Summaries?PageSize=2`; url;) {
    const page = await get(url);
    calls += page.call_summaries.length;
    url = page.meta.next_page_url;
  }
  return calls;
}

export async function run({ read, list, explain }) {
  const [action, sid, times] = process.argv.slice(2);
  let said;
  try {
    if (action === 'list') {
      said = { calls: await list() };
    } else {
      for (let left = Number(times ?? 1); left > 0; left -= 1) said = { call_sid: await read(sid) };
    }
  } catch (error) {
    said = { error: explain(error) };
  }
  console.log(JSON.stringify(said));
}
