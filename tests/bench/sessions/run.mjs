// What finding sessions among very many costs in CPU, the whole program with it.
//   BIN=path/to/nightshift [COUNT=100000] node tests/bench/sessions/run.mjs
// Makes COUNT small session logs, lets the first listing read them all, and then measures with the index in place:
// medians of 9 runs. `resume --last` ends before it asks a model, because its image does not exist.
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {logOf} from './log.mjs';

const bin = process.env.BIN ?? 'nightshift';
const count = Number(process.env.COUNT ?? 100_000);
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'sessions-'));
const state = path.join(root, 'state');
const work = path.join(root, 'work');
fs.mkdirSync(work, {recursive: true});
fs.mkdirSync(state);
fs.writeFileSync(path.join(state, 'config.toml'), `model = "m"
model_provider = "mine"
[model_providers.mine]
base_url = "http://127.0.0.1:9/v1"
`);

const perDay = 50;
for (let n = 0; n < count; ++n) {
  const time = new Date(Date.UTC(2026, 10, 21) - Math.floor(n / perDay) * 86_400_000 + (n % perDay) * 1000);
  const {name, text} = logOf(time, n, n % 50 ? path.join(root, `project-${n % 50}`) : work);
  const folder = path.join(state, 'sessions', ...time.toISOString().slice(0, 10).split('-'));
  if (n % perDay === 0)
    fs.mkdirSync(folder, {recursive: true});
  fs.writeFileSync(path.join(folder, name), text);
}

/// Seconds of CPU that one run takes, its children included.
function cpu(args, exitCode) {
  const timed = spawnSync('bash', ['-c', 'TIMEFORMAT="%3U %3S"; time "$@" >&3 2>&1', 'bash', bin, ...args], {
    cwd: work, stdio: ['ignore', 'ignore', 'pipe', 'pipe'], env: {...process.env, CODEX_HOME: state}});
  if (timed.status !== exitCode)
    throw new Error(`${args.join(' ')} ended with ${timed.status}: ${timed.output[3]}`);
  return timed.stderr.toString().trim().split(' ').reduce((sum, part) => sum + Number(part), 0);
}

function report(what, seconds) {
  const median = seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)];
  console.log(`| ${what} | ${Math.round(median * 1000)} |`);
}

const repeated = (args, exitCode) => Array.from({length: 9}, () => cpu(args, exitCode));
console.log(`| ${count} sessions | ms CPU |\n| --- | --- |`);
report('`sessions list`, the first: makes the index', [cpu(['sessions', 'list'], 0)]);
// As many superseded rows as there can be before the index is written anew.
const index = path.join(state, 'nightshift_index.jsonl');
fs.appendFileSync(index, fs.readFileSync(index));
report('`sessions list --limit 20`', repeated(['sessions', 'list', '--limit', '20'], 0));
report('`sessions list --here --limit 20`', repeated(['sessions', 'list', '--here', '--limit', '20'], 0));
const resume = ['exec', '--skip-git-repo-check', 'resume', '--last', '--max-requests', '1'];
report('`exec resume --last`, up to the failing request',
  repeated([...resume, '-c', 'model_providers.mine.stream_max_retries=0',
    '-c', 'model_providers.mine.request_max_retries=0', '--ephemeral', 'p'], 1));
report('`exec --version`, what any start costs', repeated(['exec', '--version'], 0));
fs.rmSync(root, {recursive: true});
