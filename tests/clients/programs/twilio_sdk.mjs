// A major of the Twilio SDK for Node, named by CLIENT_PACKAGE.
import { run, settings } from './node_run.mjs';

const { default: twilio } = await import(process.env.CLIENT_PACKAGE);
const timeout = settings.timeoutMs;
const client = twilio(settings.user, settings.secret, { accountSid: settings.user, httpClient: new twilio.RequestClient({ timeout }) });
client.insights.baseUrl = settings.url;

await run({
  read: async (sid) => (await client.insights.v1.calls(sid).summary().fetch()).callSid,
  list: async () => (await client.insights.v1.callSummaries.list({ pageSize: 2 })).length,
  explain: (error) => ({ status: error.status ?? null, code: error.status ? error.code : null, text: error.message }),
});
