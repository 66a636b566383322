// Which host the official SDK asks when its base URL names the gateway, with and without a region: the table in deploy/docs/networking.md.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import twilio from 'twilio';
import { startBoth } from './programs.js';

const ACCOUNT = `AC${'1'.padStart(32, '0')}`;
const SID = `CA${'7'.padStart(32, '0')}`;
const REGIONS = [{}, { region: 'ie1' }, { edge: 'dublin', region: 'ie1' }];

// What the transport is asked for; nothing is sent.
async function askedHost(name, options) {
  let asked;
  const httpClient = { request: async ({ uri }) => { asked = new URL(uri).hostname; return { statusCode: 200, body: {} }; } };
  const client = twilio(ACCOUNT, 'secret', { ...options, httpClient });
  client.insights.baseUrl = `http://${name}:8080`;
  await client.insights.v1.calls(SID).summary().fetch();
  return asked;
}

const page = readFileSync(new URL('../../deploy/docs/networking.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| (?:an IP address|\w+ labels?)[^|]*: `([^`]+)` \| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \|$/gm)];

describe('the host that the SDK asks', () => {
  test('the page has a row for each form of a name', () => assert.equal(rows.length, 8));
  for (const [, name, ...expected] of rows) {
    test(name, async () => {
      for (const [at, options] of REGIONS.entries()) assert.equal(await askedHost(name, options), expected[at], JSON.stringify(options));
    });
  }
});

describe('with a region and an edge', () => {
  let both;
  before(async () => { both = await startBoth(); });
  after(async () => { await both?.stop(); });
  const options = { accountSid: ACCOUNT, region: 'ie1', edge: 'dublin' };

  test('a base URL with an IP address leads to the gateway', async () => {
    const client = twilio(ACCOUNT, 'parent-token', options);
    client.insights.baseUrl = both.url;
    assert.equal((await client.insights.v1.calls(SID).summary().fetch()).callSid, SID);
  });

  test('the transport of the page leads to the gateway whatever its name', async () => {
    const [, source] = page.match(/^```js\n(class GatewayTransport [\s\S]*?\n}\n)/m);
    const GatewayTransport = new Function('twilio', 'gateway', `${source}\nreturn GatewayTransport;`)(twilio, both.url);
    const client = twilio(ACCOUNT, 'parent-token', { ...options, httpClient: new GatewayTransport() });
    assert.equal((await client.insights.v1.calls(SID).summary().fetch()).callSid, SID);
  });
});
