// An HTTP library of Node, named by CLIENT_PACKAGE, used as its first example does.
import { run, settings, walk } from './node_run.mjs';

const headers = { authorization: `Basic ${Buffer.from(`${settings.user}:${settings.secret}`).toString('base64')}` };
const timeout = settings.timeoutMs;
const refused = (status, body) => Object.assign(new Error('refused'), { status, body });

const libraries = {
  async undici() {
    const { EnvHttpProxyAgent, request, setGlobalDispatcher } = await import('undici');
    if (settings.proxied) setGlobalDispatcher(new EnvHttpProxyAgent());
    return async (url) => {
      const { statusCode, body } = await request(url, { headers, headersTimeout: timeout, bodyTimeout: timeout });
      const json = await body.json();
      if (statusCode !== 200) throw refused(statusCode, json);
      return json;
    };
  },
  async axios() {
    const { default: axios } = await import('axios');
    const { Agent } = await import('node:https');
    const http = axios.create({ headers, timeout, httpsAgent: settings.proxied ? undefined : new Agent({ keepAlive: true }) });
    return (url) => http.get(url).then((answer) => answer.data, (error) => {
      throw error.response ? refused(error.response.status, error.response.data) : error;
    });
  },
  async got() {
    const { default: got } = await import('got');
    const { Agent } = await import('node:https');
    const http = got.extend({ headers, timeout: { request: timeout }, retry: { limit: 0 }, agent: { https: new Agent({ keepAlive: true }) } });
    return (url) => http(url).json().catch((error) => {
      throw error.response ? refused(error.response.statusCode, JSON.parse(error.response.body)) : error;
    });
  },
};
const get = await libraries[process.env.CLIENT_PACKAGE]();

await run({
  read: async (sid) => (await get(`${settings.url}/v1/Voice/${sid}/Summary`)).call_sid,
  list: () => walk(get),
  explain: (error) => ({ status: error.body ? error.status : null, code: error.body?.code ?? null, text: error.body?.message ?? `${error.message} ${error.cause?.message ?? ''}` }),
});
