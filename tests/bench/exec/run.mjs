// Compares `nightshift exec` with `codex exec`: pairs of runs, A B A B …, against a scripted server on this machine.
//
//   node tests/bench/exec/run.mjs [a b c d e f fc g]   those work loads only
//   BIN=build/release/app/nightshift
//   CODEX=the reference's native binary; default: found in node_modules here or in npm's global ones
//   PAIRS=9   KEEP=1 leaves the folder with all outputs
//
// Prints a Markdown table: medians, ratios of pairs, targets. Exits with 1 when a run was wrong.
// Needs Node 20, cc, git, openssl, and 1 GB in /dev/shm.
import fs from 'node:fs';
import path from 'node:path';
import { loads } from './loads.mjs';
import { findCodex, Stand } from './stand.mjs';
import { heading, row } from './table.mjs';

const pairs = Number(process.env.PAIRS ?? 9);

function findPrograms() {
    const built = path.join(import.meta.dirname, '../../../build/release/app/nightshift');
    const named = { nightshift: path.resolve(process.env.BIN ?? built), codex: findCodex() };
    const found = Object.entries(named).filter(([, file]) => file && fs.existsSync(file));
    for (const [name, file] of found) console.error(`${name}: ${file}`);
    if (!found.length) throw new Error(`neither ${named.nightshift} nor codex is there: build, or set BIN and CODEX`);
    if (found.length < 2) console.error('the other program was not found: no ratios');
    return Object.fromEntries(found);
}

/// All pairs of one load: {nightshift: runs, codex: runs}. A program that was wrong once is left out of its load.
function measureLoad(stand, programs, load, sizes) {
    const runs = { nightshift: [], codex: [] };
    const wrong = {};
    for (let pair = 0; pair <= pairs; ++pair) {
        for (const name of Object.keys(programs).filter(name => !wrong[name])) {
            try {
                runs[name].push(stand.measure(programs[name], load));
                if (load.path === 'a') sizes[name] = stand.requestBytes();
            } catch (error) {
                wrong[name] = error;
            }
        }
        process.stderr.write(`\r${load.name}: pair ${pair} of ${pairs} \x1b[K`);
    }
    process.stderr.write('\n');
    for (const [name, error] of Object.entries(wrong)) {
        console.error(`WRONG ${error.message}`);
        process.exitCode = 1;
        runs[name] = [];
    }
    // The first pair only warmed the caches.
    return { nightshift: runs.nightshift.slice(1), codex: runs.codex.slice(1) };
}

async function main(stand) {
    const programs = findPrograms();
    const chosen = loads.filter(load => process.argv.length < 3 || process.argv.slice(2).includes(load.path));
    await stand.setUp(chosen);
    const rows = [];
    const sizes = {};
    for (const load of chosen) {
        const { nightshift, codex } = measureLoad(stand, programs, load, sizes);
        rows.push(row(load, nightshift, codex));
    }
    console.log([heading, ...rows].join('\n'));
    const bytes = Object.entries(sizes).map(([name, size]) => `${name} ${size} bytes`);
    if (bytes.length) console.log(`\nFirst request: ${bytes.join(', ')}; target 16000.`);
}

const stand = new Stand();
try {
    await main(stand);
} catch (error) {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
} finally {
    stand.tearDown();
}
