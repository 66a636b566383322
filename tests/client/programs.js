// The simulator and the gateway as child processes, and the simulator's control port.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const BUILD = resolve(REPOSITORY, process.env.GATEWAY_BUILD || 'build/dev');
const START_MS = 30_000;
const STOP_MS = 30_000;

// Resolves with the announced lines once the program says that it is ready.
function start(name, args) {
  const child = spawn(join(BUILD, name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const program = { name, child, lines: [], errors: '' };
  program.ended = new Promise((done) => child.once('close', (code) => done(code)));
  child.stderr.on('data', (text) => { program.errors += text; });
  return new Promise((ready, refuse) => {
    const say = (why) => refuse(new Error(`${name} ${why}\n${program.lines.join('\n')}\n${program.errors}`));
    const timer = setTimeout(() => say('is not ready in time'), START_MS);
    child.once('error', (error) => say(`does not start: ${error.message}`));
    child.once('exit', (code) => say(`ended with ${code}`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      program.lines.push(line);
      if (line !== `${name}: ready`) return;
      clearTimeout(timer);
      ready(program);
    });
  });
}

// SIGTERM must end it with 0 and without a sanitizer's report.
async function stop(program) {
  const timer = setTimeout(() => program.child.kill('SIGKILL'), STOP_MS);
  program.child.kill('SIGTERM');
  const code = await program.ended;
  clearTimeout(timer);
  if (code !== 0 || /Sanitizer|runtime error:/.test(program.errors)) {
    throw new Error(`${program.name} ended with ${code}:\n${program.errors.slice(-6000)}`);
  }
}

function announced(program, pattern) {
  for (const line of program.lines) {
    const found = pattern.exec(line);
    if (found) return found[1];
  }
  throw new Error(`${program.name} never printed ${pattern}: ${program.lines.join('\n')}`);
}

// Both programs on free ports, the gateway fetching from the simulator.
export async function startBoth() {
  const folder = mkdtempSync(join(tmpdir(), 'summary-gateway-client-'));
  const caFile = join(folder, 'ca.pem');
  const simulator = await start('twilio-simulator', ['--listen', '127.0.0.1:0', '--control', '127.0.0.1:0', '--write-ca', caFile]);
  const upstream = announced(simulator, /https on 127\.0\.0\.1:(\d+)/);
  const control = announced(simulator, /control on (http:\S+)/);
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, [
    'listeners:', '  - address: 127.0.0.1:0',
    'admin:', '  address: 127.0.0.1:0',
    'upstream:', `  url: https://localhost:${upstream}`, `  ca_file: ${caFile}`,
    'cache: { not_ready_for: 1s }', 'polling: { longest_step: 1s }', '',
  ].join('\n'));
  let gateway;
  try {
    gateway = await start('summary-gateway', ['--config', config]);
  } catch (error) {
    await stop(simulator);
    throw error;
  }

  const ask = async (method, path, content) => {
    const answer = await fetch(control + path, { method, body: content && JSON.stringify(content) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  return {
    url: announced(gateway, /listening on (http:\S+)/),
    adminUrl: announced(gateway, /admin on (http:\S+)/),
    upstreamCalls: async (sid) => (await ask('GET', `/requests?call_sid=${sid}`)).requests,
    state: () => ask('GET', '/state'),
    register: (sid, call) => ask('POST', '/calls', { call_sid: sid, ...call }),
    faults: (list) => ask('POST', '/faults', list),
    noFaults: () => ask('DELETE', '/faults'),
    // A failing stop fails the run: the programs must end cleanly.
    stop: async () => {
      try {
        await stop(gateway);
      } finally {
        await stop(simulator);
        rmSync(folder, { recursive: true });
      }
    },
  };
}
