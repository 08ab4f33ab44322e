// What a batch costs beside its model, against a server on this machine that answers at once, or that is slow and
// allows so many requests a second.
//
//   [BIN=build/release/app/nightshift] node tests/bench/batch/run.mjs [cost] [rate] [random]
//   ITEMS=10000   of `cost`: CPU of the program for each item, and what of it the journal is (needs perf)
//   RATE=100      of `rate`: requests a second that are allowed; 1,000 items, by one process and by eight
//   BURST=RATE    and how many at once, after a pause
//   UNLUCKY=0.3   of `random`: as `rate`, but this part of the requests is refused besides, whatever the rate
//
// Prints Markdown tables, beside the targets. Exits with 1 when an item failed.
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {hints, settingsFor, startModelServer} from '../../support/modelserver.mjs';

const bin = path.resolve(process.env.BIN ?? path.join(import.meta.dirname, '../../../build/release/app/nightshift'));
const chosen = process.argv.slice(2);
const root = fs.mkdtempSync(path.join(fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'nightshift-bench-'));

function prepare(folder, server, items, first = 0) {
    for (const name of ['work', 'state', 'run']) fs.mkdirSync(path.join(root, folder, name), {recursive: true, mode: 0o700});
    fs.writeFileSync(path.join(root, folder, 'state/config.toml'), settingsFor(server.url));
    const rows = Array.from({length: items}, (_, n) => `k${first + n},word-${first + n}\n`);
    fs.writeFileSync(path.join(root, folder, 'work/items.csv'), `id,word\n${rows.join('')}`);
}

/// Runs a batch in `folder`, and whatever runs it; [wall s, CPU s].
async function batch(folder, words, run = folder, prefix = []) {
    const cwd = path.join(root, folder, 'work');
    const command = [...prefix, bin, 'batch', '--input', 'items.csv', '--prompt', 'Say {{word}}', ...words];
    const env = {PATH: process.env.PATH, HOME: root, MOCK_KEY: 'key', CODEX_HOME: path.join(root, folder, 'state'),
        XDG_RUNTIME_DIR: path.join(root, run, 'run'), LC_ALL: 'C'};
    const errors = fs.openSync(path.join(cwd, 'errors'), 'w');
    const child = spawn('bash', ['-c', 'TIMEFORMAT="%3R %3U %3S"; time "$@" 2>&3', 'bash', ...command],
        {cwd, env, stdio: ['ignore', 'ignore', 'pipe', errors]});
    let said = '';
    child.stderr.on('data', text => said += text);
    const code = await new Promise(done => child.on('close', done));
    if (code !== 0) throw new Error(`${folder} ended with ${code}: ${fs.readFileSync(path.join(cwd, 'errors'), 'utf8').slice(-500)}`);
    const [wall, user, system] = said.trim().split(/\s+/).slice(-3).map(Number);
    return [wall, user + system];
}

/// What part of the samples is in functions of the journal, writing and syncing the file among them.
async function shareOfJournal(folder) {
    const data = path.join(root, 'perf.data');
    await batch(folder, ['--fresh', '-j', '16', '--out', 'profiled'], folder, ['perf', 'record', '-q', '-F', '997', '--call-graph', 'dwarf,16384', '-o', data]);
    const report = spawn('perf', ['report', '-i', data, '--no-inline', '--children', '--stdio', '-g', 'none', '--percent-limit', '0.01'], {stdio: ['ignore', 'pipe', 'ignore']});
    let text = '';
    for await (const part of report.stdout) text += part;
    const lines = text.split('\n').filter(line => /batch::Journal::(start|done|close|begin)\b/.test(line));
    return lines.reduce((sum, line) => sum + parseFloat(line), 0);
}

async function measureCost() {
    const items = Number(process.env.ITEMS ?? 10_000);
    const server = await startModelServer();
    prepare('cost', server, items);
    const [wall, cpu] = await batch('cost', ['-j', '16']);
    console.log(`| ${items} items, 16 at once | | target |\n| --- | --- | --- |`);
    console.log(`| CPU of an item | ${(cpu / items * 1000).toFixed(2)} ms | 1.5 ms |`);
    console.log(`| wall, with the server's own work | ${wall.toFixed(1)} s | |`);
    const [, again] = await batch('cost', ['-j', '16']);
    console.log(`| CPU of an item that is done already | ${(again / items * 1000).toFixed(3)} ms | |`);
    server.close();
    const few = await startModelServer();
    prepare('profile', few, 1000);
    try {
        console.log(`| the journal's part of it | ${(await shareOfJournal('profile')).toFixed(1)} % | 5 % |`);
    } catch (error) {
        console.error(`bench: not profiled: ${error.message}`);
    }
    few.close();
}

async function measureRate(unlucky = 0) {
    const rate = Number(process.env.RATE ?? 100), items = 1000, burst = Number(process.env.BURST ?? rate);
    const ideal = (items - burst) / rate;
    console.log(`\n| ${items} items, ${rate} requests a second allowed${unlucky ? `, ${100 * unlucky} % refused at random` : ''}, ideal ${ideal.toFixed(1)} s | wall | of the ideal | refused |`);
    console.log('| --- | --- | --- | --- |');
    for (const [name, hint] of Object.entries(hints)) {
        for (const latency of [20, 300]) {
            for (const processes of [1, 8]) {
                const server = await startModelServer({rate, burst, latency, hint, unlucky});
                const folder = `rate-${unlucky}-${name}-${latency}-${processes}`;
                const share = items / processes;
                for (let n = 0; n < processes; ++n) prepare(`${folder}/${n}`, server, share, n * share);
                const begun = performance.now();
                await Promise.all(Array.from({length: processes}, (_, n) => batch(`${folder}/${n}`, ['-j', 'auto'], `${folder}/0`)));
                const wall = (performance.now() - begun) / 1000;
                console.log(`| ${name}, answers after ${latency} ms, ${processes} process${processes > 1 ? 'es' : ''} | ` +
                    `${wall.toFixed(1)} s | ${(wall / ideal).toFixed(2)} | ${server.told.refused} |`);
                server.close();
            }
        }
    }
}

try {
    if (!chosen.length || chosen.includes('cost')) await measureCost();
    if (!chosen.length || chosen.includes('rate')) await measureRate();
    if (!chosen.length || chosen.includes('random')) await measureRate(Number(process.env.UNLUCKY ?? 0.3));
} catch (error) {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
} finally {
    if (process.env.KEEP) console.error(`kept: ${root}`);
    else fs.rmSync(root, {recursive: true, force: true});
}
