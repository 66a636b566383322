// The official Twilio SDK, pointed at the gateway by its base URL alone, sees what Twilio would have shown it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import twilio from 'twilio';
import { startBoth } from './programs.js';

const ACCOUNT = `AC${'1'.padStart(32, '0')}`;
const TOKEN = 'parent-token';
let both;
let made = 0;

// The whole change that a user makes to his program.
function sdk(user = ACCOUNT, secret = TOKEN, options = {}) {
  const client = twilio(user, secret, { accountSid: ACCOUNT, ...options });
  client.insights.baseUrl = both.url;
  return client;
}

// A call of the parent account that no other test has asked for.
function newSid() {
  made += 1;
  return `CAf${createHash('sha256').update(`sdk call ${made}`).digest('hex').slice(0, 31)}`;
}

const errorSid = (code) => `CA${code}${newSid().slice(7)}`;
const summary = (client, sid, parameters) => client.insights.v1.calls(sid).summary().fetch(parameters);

async function raw(sid) {
  const credential = Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64');
  const answer = await fetch(`${both.url}/v1/Voice/${sid}/Summary`, { headers: { Authorization: `Basic ${credential}` } });
  return { status: answer.status, cacheStatus: answer.headers.get('cache-status'), body: await answer.json() };
}

// Runs the request that must be refused and hands back the SDK's exception.
async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    assert.equal(error.constructor.name, 'RestException');
    return error;
  }
  throw new Error('the SDK took a refusal for a summary');
}

describe('the official SDK', () => {
  before(async () => { both = await startBoth(); });
  after(async () => { await both?.stop(); });
  beforeEach(async () => { await both.noFaults(); });

  test('a complete summary arrives field by field', async () => {
    const sid = newSid();
    const got = await summary(sdk(), sid);
    const { body } = await raw(sid);
    assert.equal(got.callSid, sid);
    assert.equal(got.processingState, 'complete');
    const plain = {
      accountSid: 'account_sid', callSid: 'call_sid', callType: 'call_type', callState: 'call_state',
      answeredBy: 'answered_by', processingState: 'processing_state', from: 'from', to: 'to',
      carrierEdge: 'carrier_edge', clientEdge: 'client_edge', sdkEdge: 'sdk_edge', sipEdge: 'sip_edge', tags: 'tags',
      url: 'url', attributes: 'attributes', properties: 'properties', trust: 'trust', annotation: 'annotation',
    };
    for (const [field, name] of Object.entries(plain)) assert.deepEqual(got[field], body[name], field);
    for (const [field, name] of Object.entries({ createdTime: 'created_time', startTime: 'start_time', endTime: 'end_time' })) {
      assert.equal(got[field].getTime(), new Date(body[name]).getTime(), field);
    }
    assert.equal(got.duration, body.duration);
    assert.equal(got.connectDuration, body.connect_duration);
  });

  test('every shape of call is understood', async () => {
    for (const shape of ['carrier', 'sip', 'client', 'trunking', 'whatsapp']) {
      const sid = newSid();
      await both.register(sid, { shape, ended_ago_s: 7200 });
      assert.equal((await summary(sdk(), sid)).callType, shape);
    }
  });

  test('the second read is a hit and no upstream call', async () => {
    const sid = newSid();
    const client = sdk();
    const first = await summary(client, sid);
    const second = await summary(client, sid);
    assert.deepEqual(second.toJSON(), first.toJSON());
    assert.equal((await both.upstreamCalls(sid)).length, 1);
    assert.match((await raw(sid)).cacheStatus, /^summary-gateway; hit/);
  });

  test('a partial comes from upstream every time', async () => {
    const sid = newSid();
    await both.register(sid, { ended_ago_s: 700 });
    const client = sdk();
    for (let round = 1; round <= 2; round += 1) {
      const got = await summary(client, sid, { processingState: 'partial' });
      assert.equal(got.processingState, 'partial');
      const calls = await both.upstreamCalls(sid);
      assert.equal(calls.length, round);
      assert.equal(calls.at(-1).processing_state, 'partial');
    }
  });

  test('a reader that is willing to wait gets its summary in one request', async () => {
    const sid = newSid();
    await both.register(sid, { ended_ago_s: 60 });
    class WillingToWait extends twilio.RequestClient {
      request(what) {
        return super.request({ ...what, headers: { ...what.headers, Prefer: 'wait=20' } });
      }
    }
    const held = summary(sdk(ACCOUNT, TOKEN, { httpClient: new WillingToWait() }), sid);
    while ((await both.upstreamCalls(sid)).length === 0) await new Promise((next) => { setImmediate(next); });
    await both.register(sid, { ended_ago_s: 7200 });
    assert.equal((await held).processingState, 'complete');
  });

  test('the response headers are there for who asks', async () => {
    const sid = newSid();
    const client = sdk();
    await summary(client, sid);
    const info = await client.insights.v1.calls(sid).summary().fetchWithHttpInfo();
    assert.equal(info.statusCode, 200);
    assert.match(info.headers['cache-status'], /^summary-gateway; hit; ttl=\d+$/);
    assert.equal(info.body.callSid, sid);
  });

  test('a wrong secret is a RestException 401', async () => {
    const error = await refusal(summary(sdk(ACCOUNT, 'wrong'), newSid()));
    assert.equal(error.status, 401);
    assert.equal(error.code, 20003);
    assert.equal(typeof error.message, 'string');
    assert.match(error.moreInfo, /^https:\/\/www\.twilio\.com\/docs\/errors\/20003/);
  });

  test('a wrong secret does not read what the right one has cached', async () => {
    const sid = newSid();
    await summary(sdk(), sid);
    assert.equal((await refusal(summary(sdk(ACCOUNT, 'wrong'), sid))).status, 401);
  });

  for (const [what, code, status] of [
    ['not ready', 17001, 404], ['not found', 20404, 404], ['too many at once', 20429, 429], ['another account', 17000, 403],
  ]) {
    test(`${what} is a RestException ${status}/${code}`, async () => {
      const error = await refusal(summary(sdk(), errorSid(code)));
      assert.equal(error.status, status);
      assert.equal(error.code, code);
      assert.match(error.moreInfo, /^https:/);
      assert.ok(error.message.length > 0);
    });
  }

  test('a processing state that is none is refused here as Twilio would', async () => {
    const sid = newSid();
    const error = await refusal(summary(sdk(), sid, { processingState: 'final' }));
    assert.equal(error.status, 400);
    assert.equal(error.code, 17400);
    assert.match(error.moreInfo, /17400/);
    assert.match(error.message, /partial/);
    assert.equal((await both.upstreamCalls(sid)).length, 0);
  });

  test('a call SID that is none is a RestException 400/20001', async () => {
    const error = await refusal(summary(sdk(), 'CA123'));
    assert.equal(error.status, 400);
    assert.equal(error.code, 20001);
  });

  test('a broken upstream is a RestException 502 and the next call is well', async () => {
    const sid = newSid();
    await both.faults([{ match: { call_sid: sid }, times: 0, action: 'cut', after_bytes: 200 }]);
    const error = await refusal(summary(sdk(), sid));
    assert.equal(error.status, 502);
    assert.equal(error.code, 20502);
    assert.equal((await summary(sdk(), newSid())).processingState, 'complete');
    await both.noFaults();
    assert.equal((await summary(sdk(), sid)).callSid, sid);
  });

  test('an annotation is written, read, and stands in the summary at once', async () => {
    const sid = newSid();
    const client = sdk();
    await summary(client, sid);
    const comment = 'Ligne très mauvaise & "choppy" ☎';
    const written = await client.insights.v1.calls(sid).annotation().update({ callScore: 2, spam: true, comment });
    assert.equal(written.callSid, sid);
    assert.equal(written.comment, comment);
    const read = await client.insights.v1.calls(sid).annotation().fetch();
    assert.deepEqual(read.toJSON(), written.toJSON());
    assert.equal((await summary(client, sid)).annotation.comment, comment);
    assert.deepEqual((await both.upstreamCalls(sid)).map((call) => call.method), ['GET', 'POST', 'GET', 'GET']);
  });

  test('what Twilio refuses to note is a RestException', async () => {
    const error = await refusal(sdk().insights.v1.calls(newSid()).annotation().update({ callScore: 9 }));
    assert.equal(error.status, 400);
    assert.equal(error.code, 20001);
  });

  test('siblings of the summary say clearly that they are not passed on', async () => {
    const error = await refusal(sdk().insights.v1.calls(newSid()).events.list());
    assert.equal(error.status, 403);
    assert.equal(error.code, 20006);
    assert.match(error.message, /passthrough lists events/);
  });

  test('a kept-alive connection serves many calls', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const httpClient = new twilio.RequestClient();
    // The SDK keeps its own agent for https only; over http it uses axios' default.
    httpClient.axios.defaults.httpAgent = agent;
    let opened = 0;
    const create = agent.createConnection;
    agent.createConnection = function counted(...args) {
      opened += 1;
      return create.apply(this, args);
    };
    const client = sdk(ACCOUNT, TOKEN, { httpClient });
    const sids = [newSid(), newSid(), newSid()];
    for (let round = 0; round < 10; round += 1) {
      assert.equal((await summary(client, sids[round % 3])).callSid, sids[round % 3]);
      await refusal(summary(client, 'CA123'));
    }
    agent.destroy();
    assert.equal(opened, 1);
  });

  test('forty parallel reads of one call are one upstream call', async () => {
    const sid = newSid();
    const client = sdk();
    const all = await Promise.all(Array.from({ length: 40 }, () => summary(client, sid)));
    assert.ok(all.every((one) => one.callSid === sid));
    assert.equal((await both.upstreamCalls(sid)).length, 1);
  });

  test('forty parallel reads of forty calls each get their own', async () => {
    const client = sdk();
    const sids = Array.from({ length: 40 }, newSid);
    const all = await Promise.all(sids.map((sid) => summary(client, sid)));
    assert.deepEqual(all.map((one) => one.callSid), sids);
  });
});
