// `nightshift batch submit slurm`, handed to a real Slurm.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {Slurm, Stand, until} from './stand.mjs';

const items = 100;
let slurm;
before(async () => {
    slurm = new Slurm();
    await slurm.ready();
});
after(() => slurm.stop());

/// Submits the table in four shards; the array's id and the merge job's.
async function submit(stand) {
    const [code, out] = await stand.batch('submit', 'slurm', '--run', '--shard', 'auto/4', '--input', 'items.csv',
        '--prompt', 'Say {{word}}', '-j', '1');
    assert.equal(code, 0);
    const merge = /Submitted batch job (\d+)/.exec(out)[1];
    return {array: /afterany:(\d+)/.exec(slurm.job(merge))[1], merge};
}

function endedWell(stand, merge) {
    assert.match(slurm.job(merge), /JobState=COMPLETED .*ExitCode=0:0/s);
    const results = stand.results();
    assert.equal(results.size, items);
    assert.deepEqual([...results.values()].filter(row => !row.ok), []);
}

const taskLog = (stand, array, task) => fs.readFileSync(path.join(stand.work, `slurm-${array}_${task}.out`), 'utf8');

test('an array does the items, and a job that waits for it merges them', async () => {
    const stand = await Stand.make(items, {latency: 5});
    const {merge} = await submit(stand);
    await slurm.idle();
    endedWell(stand, merge);
    assert.equal(stand.server.answered, items);
    stand.tearDown();
});

test('a task that is put back into the queue in the middle goes on where it was', async () => {
    const stand = await Stand.make(items, {latency: 200});
    const {array, merge} = await submit(stand);
    await until('a third is done', () => stand.server.answered > items / 3);
    slurm.ask('scontrol', 'requeue', `${array}_1`);
    await slurm.idle();
    endedWell(stand, merge);
    assert.ok(stand.server.answered <= items + 1, `${stand.server.answered} requests`);
    stand.tearDown();
});

test('a task that is told to end ends with 75 and puts itself back', async () => {
    const stand = await Stand.make(items, {latency: 200});
    const {array, merge} = await submit(stand);
    await until('a third is done', () => stand.server.answered > items / 3);
    slurm.ask('scancel', '--signal=TERM', '--batch', `${array}_2`);
    await until('it was put back', () => /Restarts=1/.test(slurm.job(`${array}_2`)), 30);
    assert.match(taskLog(stand, array, 2), /ended by signal/);
    await slurm.idle();
    endedWell(stand, merge);
    assert.ok(stand.server.answered <= items + 1, `${stand.server.answered} requests`);
    stand.tearDown();
});

test('what a shard did not come to is missing from no merge', async () => {
    const stand = await Stand.make(items, {latency: 200});
    const {array, merge} = await submit(stand);
    slurm.ask('scancel', `${array}_3`);
    await slurm.idle();
    assert.match(slurm.job(merge), /JobState=FAILED .*ExitCode=75:0/s);
    assert.equal((await stand.batch('--input', 'items.csv', '--prompt', 'Say {{word}}'))[0], 0); // here, the rest
    assert.equal(stand.results().size, items);
    stand.tearDown();
});
