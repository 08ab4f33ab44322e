// Hours of everything at a steady rate, to see that nothing grows. Run by hand:
//   BIN=build/release/app/nightshift MINUTES=120 RATE=4 node tests/bench/service/soak.mjs
// Each round, of which RATE begin in a second, makes a session, gives it turns, follows it, and deletes it; some are
// cancelled, exported and imported, or followed by clients that leave early or read nothing. Prints memory, open files
// and threads once a minute, and at the end how fast they grew after the first quarter. Exits with 1 when a round
// failed or something grew: memory by more than 2 MB an hour and by more than 1 MB, files or threads by more than 4.
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { follow } from './client.mjs';
import { Nightshift } from './nightshift.mjs';
import { anonymousKb, openFiles, threads } from './process.mjs';
import { Stand } from './stand.mjs';

const minutes = Number(process.env.MINUTES ?? 120);
const rate = Number(process.env.RATE ?? 4);
const built = path.join(import.meta.dirname, '../../../build/release/app/nightshift');
const program = path.resolve(process.env.BIN ?? built);
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const counts = { rounds: 0, turns: 0, cancels: 0, imports: 0, streams: 0, failures: 0 };

function ask(service, method, target, body, headers = {}) {
    const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    headers = { ...headers };
    if (bytes) headers = { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...headers };
    headers.Host = 'localhost';
    const options = { agent, socketPath: service.path, method, path: target, headers };
    return new Promise((resolve, reject) => {
        const request = http.request(options, async response => {
            const parts = [];
            for await (const part of response) parts.push(part);
            resolve({ status: response.statusCode, body: Buffer.concat(parts) });
        });
        request.on('error', reject);
        request.end(bytes);
    });
}

async function expect(statuses, asked) {
    const { status, body } = await asked;
    if (!statuses.includes(status)) throw new Error(`${status} and not ${statuses.join(' or ')}: ${body}`);
    return body;
}

/// A client that is told of some of it and leaves; the stalled one does not even read.
async function watch(service, self, kind) {
    let text = '';
    const until = kind === 'until' ? '?until=idle' : '';
    const socket = await follow(service.path, `${self}/events${until}`, more => (text += more));
    ++counts.streams;
    if (kind === 'stalled') socket.pause();
    if (kind !== 'until') return sleep(kind === 'stalled' ? 3000 : 50).then(() => socket.destroy());
    await new Promise(resolve => socket.once('close', resolve));
    if (!text.includes('event: end')) throw new Error('the stream was cut off');
}

async function cancelled(service) {
    const made = JSON.parse(
        await expect([202], ask(service, 'POST', '/v1/sessions', { input: 'hello', provider: 'hold' })),
    );
    const self = `/v1/sessions/${made.id}`;
    await expect([202], ask(service, 'POST', `${self}/turns`, { input: 'and then', when_busy: 'queue' }));
    await expect([200, 202], ask(service, 'POST', `${self}/cancel`, { queued: true }));
    ++counts.cancels;
    return self;
}

async function finished(service, n) {
    const key = n % 10 ? {} : { 'Idempotency-Key': `round-${n}` };
    const wanted = { input: 'hello', labels: { n: String(n) } };
    const asked = ask(service, 'POST', '/v1/sessions', wanted, { Prefer: 'wait=60', ...key });
    const made = JSON.parse(await expect([201], asked));
    const self = `/v1/sessions/${made.id}`;
    const streams = [watch(service, self, 'early'), n % 8 ? undefined : watch(service, self, 'stalled')];
    for (let turn = 0; turn < 1 + (n % 3); ++turn)
        await expect([200], ask(service, 'POST', `${self}/turns`, { input: 'more' }, { Prefer: 'wait=60' }));
    counts.turns += 2 + (n % 3);
    await Promise.all([...streams, watch(service, self, 'until')]);
    await expect([200], ask(service, 'GET', `${self}/turns/last`));
    return self;
}

async function moved(service, self) {
    const bundle = await expect([200], ask(service, 'GET', `${self}/bundle`));
    await expect([204], ask(service, 'DELETE', self));
    const gzip = { 'Content-Type': 'application/gzip' };
    await expect([201], ask(service, 'POST', '/v1/sessions/import', bundle, gzip));
    ++counts.imports;
}

async function round(service, n) {
    ++counts.rounds;
    const self = n % 5 ? await finished(service, n) : await cancelled(service);
    if (n % 5 === 1) await moved(service, self);
    await expect([204], ask(service, 'DELETE', `${self}?force=1`));
}

const measure = (service, begin) => ({
    minute: (performance.now() - begin) / 60_000,
    memory: anonymousKb(service.child.pid) / 1024,
    files: openFiles(service.child.pid),
    threads: threads(service.child.pid),
});

/// Of the straight line that fits best, per hour.
function slope(samples, member) {
    const mean = name => samples.reduce((sum, sample) => sum + sample[name], 0) / samples.length;
    const [time, value] = [mean('minute'), mean(member)];
    const top = samples.reduce((sum, sample) => sum + (sample.minute - time) * (sample[member] - value), 0);
    return (60 * top) / samples.reduce((sum, sample) => sum + (sample.minute - time) ** 2, 0);
}

function judge(samples) {
    const warm = samples.slice(samples.length >> 2);
    const hours = (warm.at(-1).minute - warm[0].minute) / 60;
    for (const [member, hourly, inAll] of [['memory', 2, 1], ['files', 4, 4], ['threads', 4, 4]]) {
        const growth = slope(warm, member);
        const grew = growth > hourly && growth * hours > inAll;
        if (grew) process.exitCode = 1;
        const inTime = (growth * hours).toFixed(2);
        console.log(`${member}: ${growth.toFixed(2)} an hour, ${inTime} in all${grew ? ', GREW' : ''}`);
    }
    if (counts.failures) process.exitCode = 1;
}

async function soak(stand) {
    await stand.setUp();
    const service = await Nightshift.start(program, stand);
    const begin = performance.now();
    const samples = [];
    const running = new Set();
    for (let n = 0; performance.now() - begin < minutes * 60_000; ++n) {
        service.check();
        const one = round(service, n)
            .catch(error => {
                ++counts.failures;
                console.error(`round ${n}: ${error.message}`);
            })
            .finally(() => running.delete(one));
        running.add(one);
        if (n % Math.round(rate * 60) === rate * 5) {
            samples.push(measure(service, begin));
            const { minute, memory, files, threads: count } = samples.at(-1);
            const figures = `${minute.toFixed(1)} min: ${memory.toFixed(2)} MB, ${files} files, ${count} threads`;
            console.log(`${figures}, ${running.size} rounds under way; ${JSON.stringify(counts)}`);
        }
        await sleep(Math.max(0, begin + ((n + 1) * 1000) / rate - performance.now()));
    }
    await Promise.all(running);
    if (samples.length > 2) judge(samples);
    await service.stop();
}

const stand = new Stand();
try {
    await soak(stand);
} catch (error) {
    console.error(`soak: ${error.message}`);
    process.exitCode = 1;
} finally {
    agent.destroy();
    stand.tearDown();
}
