// Compares `nightshift serve` with `codex app-server`, and its start with that of `opencode serve`. Run by hand, on a
// machine with nothing else to do:
//   cmake --preset release && ninja -C build/release
//   node tests/bench/service/run.mjs [ready|sessions|open|deltas|subscribers|live]...
//   BIN=build/release/app/nightshift
//   CODEX=the reference's native binary; without it ours is measured alone
//   ROUNDS=3 how often each is started anew and measured, by turns
//   FOLDER=/dev/shm where sessions are recorded; on a real disk the waits for it count
//
// Prints a Markdown table: medians of the rounds; what missed its target stands in bold type. Needs Node 20 and git.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppServer, SharedAppServer } from './appserver.mjs';
import { Nightshift } from './nightshift.mjs';
import { findOpencode, Opencode } from './opencode.mjs';
import { Stand } from './stand.mjs';

const rounds = Number(process.env.ROUNDS ?? 3);
const built = path.join(import.meta.dirname, '../../../build/release/app/nightshift');
const ours = path.resolve(process.env.BIN ?? built);
const codex = process.env.CODEX && path.resolve(process.env.CODEX);
const opencode = findOpencode();
const chosen = process.argv.slice(2);
const wants = name => !chosen.length || chosen.includes(name);

// Title, target (negative: at least so much), and what codex app-server took where the targets were set: machines differ,
// so beside the target itself ours ÷ codex is held to that target ÷ codex of then.
const figures = {
    ready: ['ready to serve, ms', 40, 148],
    idle: ['idle memory, MB', 30, 86],
    cpu: ['CPU per new session with one turn, ms', 1, 98],
    rate1: ['sessions/s, 1 at a time', -500, 16],
    rate8: ['sessions/s, 8 at a time', -800, 21],
    rate64: ['sessions/s, 64 at a time', -800, 16],
    open: ['memory per open session, KB', 40, 1250],
    p50: ['delta to client, p50, ms', 0.25, 0.35],
    p99: ['delta to client, p99, ms', 0.8, 0.91],
    delivery: ['CPU per delivery, 200 subscribers, µs', 5, 35.5],
    subscriber: ['memory per subscriber, KB', 20, 547],
    live: ['memory of 1,000 live sessions, MB', 300],
};
const values = { nightshift: {}, codex: {}, opencode: {} };
const note = (name, figure, value) => (values[name][figure] ??= []).push(value);
const clients = []; // what the measuring itself took

function median(list) {
    const sorted = list.toSorted((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
const quantile = (list, q) => list.toSorted((a, b) => a - b)[Math.floor(list.length * q)];

/// Sessions at one concurrency: wall and CPU.
async function load(name, service, stand, count, concurrency) {
    const [own, model, cpu, begin] = [process.cpuUsage(), stand.modelCpuMs(), service.cpuMs(), performance.now()];
    await service.sessions(count, concurrency);
    const wall = performance.now() - begin;
    const used = process.cpuUsage(own);
    const shares = {
        program: name,
        'at a time': concurrency,
        'sessions/s': Math.round((count * 1000) / wall),
        'service CPU ms each': ((service.cpuMs() - cpu) / count).toFixed(2),
        'client CPU ms each': ((used.user + used.system) / 1000 / count).toFixed(2),
        'model CPU ms each': ((stand.modelCpuMs() - model) / count).toFixed(2),
    };
    clients.push(shares);
    note(name, `rate${concurrency}`, (count * 1000) / wall);
    if (concurrency === 1) note(name, 'cpu', (service.cpuMs() - cpu) / count);
}

async function measureSessions(name, service, stand, scale) {
    await service.sessions(scale(100), 1); // warm
    await load(name, service, stand, scale(600), 1);
    await load(name, service, stand, scale(800), 8);
    await load(name, service, stand, Math.max(scale(1200), 64), 64);
}

async function measureOpen(name, service, scale) {
    await service.sessions(scale(200), 8);
    await sleep(2500);
    const before = service.memoryKb();
    await service.sessions(scale(1000), 8);
    await sleep(2500); // until it let go of what it lets go of
    note(name, 'open', (service.memoryKb() - before) / scale(1000));
}

async function measureDeltas(name, service) {
    const taken = await service.latencies();
    if (taken.length < 900) throw new Error(`only ${taken.length} of 1000 deltas came`);
    note(name, 'p50', quantile(taken, 0.5));
    note(name, 'p99', quantile(taken, 0.99));
}

async function measureSubscribers(name, service) {
    const { memoryKb, cpuMs, deliveries } = await service.subscribers(200);
    if (deliveries < 200 * 400) console.error(`${name}: only ${deliveries} deliveries: the client was too slow`);
    note(name, 'subscriber', memoryKb);
    note(name, 'delivery', cpuMs * 1000);
}

async function measureLive(service, stand) {
    await service.begin(1000);
    for (const begin = performance.now(); stand.held < 1000 && performance.now() - begin < 15_000; ) await sleep(50);
    await sleep(1000);
    if (stand.held < 1000) console.error(`only ${stand.held} of 1000 sessions reached the model`);
    note('nightshift', 'live', stand.held < 1000 ? NaN : service.memoryKb() / 1024);
    stand.release();
    await sleep(2000);
}

async function inOne(Program, file, stand, measure) {
    const service = await Program.start(file, stand);
    try {
        return await measure(service);
    } catch (error) {
        console.error(`${file}: ${error.message}`);
        process.exitCode = 1;
    } finally {
        await service.stop();
    }
}

async function measureStarts(programs, stand) {
    const all = opencode ? [...programs, ['opencode', Opencode, opencode]] : programs;
    for (let n = 0; n < 3 * rounds; ++n)
        for (const [name, Program, file] of all)
            await inOne(Program, file, stand, async service => {
                note(name, 'ready', service.readyMs);
                if (n % 3) return;
                await sleep(1000);
                note(name, 'idle', service.memoryKb() / 1024);
            });
}

async function measureFollowed(stand) {
    await inOne(Nightshift, ours, stand, service => measureSubscribers('nightshift', service));
    if (codex) await inOne(SharedAppServer, codex, stand, service => measureSubscribers('codex', service));
}

async function main(stand) {
    await stand.setUp();
    const programs = [['nightshift', Nightshift, ours, n => n]];
    if (codex && fs.existsSync(codex)) programs.push(['codex', AppServer, codex, n => Math.ceil(n / 30)]);
    else console.error('codex was not found: set CODEX');
    const each = async measure => {
        for (const [name, Program, file, scale] of programs)
            await inOne(Program, file, stand, service => measure(name, service, scale));
    };
    if (wants('ready')) await measureStarts(programs, stand);
    for (let n = 0; n < rounds; ++n) {
        process.stderr.write(`round ${n + 1} of ${rounds}\n`);
        if (wants('sessions')) await each((name, service, scale) => measureSessions(name, service, stand, scale));
        if (wants('open')) await each(measureOpen);
        if (wants('deltas')) await each(measureDeltas);
        const own = measure => inOne(Nightshift, ours, stand, measure);
        if (wants('subscribers')) await measureFollowed(stand);
        if (wants('live')) await own(service => measureLive(service, stand));
    }
}

const rounded = value => (value < 1 ? value.toPrecision(2) : value.toFixed(value < 100 ? 1 : 0));

/// In bold what missed its target.
function judged(value, target) {
    const missed = target < 0 ? value < -target : !(value <= target);
    return missed ? `**${rounded(value)}**` : rounded(value);
}

function ratio(figure) {
    const [, target, peer] = figures[figure];
    if (!peer || !values.codex[figure]) return '';
    const value = median(values.nightshift[figure]) / median(values.codex[figure]);
    return `${judged(value, target / peer)} (${rounded(Math.abs(target) / peer)})`;
}

function print() {
    const peers = ['codex', 'opencode'].filter(name => Object.keys(values[name]).length);
    const titles = ['', 'nightshift', 'target', ...peers, 'nightshift ÷ codex (target)'];
    console.log(`| ${titles.join(' | ')} |\n|${' --- |'.repeat(titles.length)}`);
    for (const [figure, [title, target]] of Object.entries(figures)) {
        if (!values.nightshift[figure]) continue;
        const own = judged(median(values.nightshift[figure]), target);
        const others = peers.map(name => (values[name][figure] ? rounded(median(values[name][figure])) : ''));
        console.log(`| ${[title, own, Math.abs(target), ...others, ratio(figure)].join(' | ')} |`);
    }
    if (clients.length) console.table(clients);
    if (!opencode) console.log('opencode serve: not installed');
}

const stand = new Stand();
try {
    await main(stand);
    print();
} catch (error) {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
} finally {
    stand.tearDown();
}
