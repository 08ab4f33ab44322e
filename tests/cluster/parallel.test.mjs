// `nightshift batch submit parallel`, handed to GNU parallel.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {Stand} from './stand.mjs';

test('only shards that failed run again', async () => {
    const stand = await Stand.make(40, {broken: ['word-7']}); // of the fourth of four shards
    const submit = () => stand.batch('submit', 'parallel', '--run', '--shard', 'auto/4', '--input', 'items.csv',
        '--prompt', 'Say {{word}} for {{1}}', '--retry', 'failed');
    fs.writeFileSync(path.join(stand.work, 'items.csv'), // a column's name that parallel would take for its own
        fs.readFileSync(path.join(stand.work, 'items.csv'), 'utf8').replace('id,word', 'id,word,1').replace(/(word-.*)/g, '$1,me'));
    const shards = () => fs.readFileSync(path.join(stand.work, 'out/parallel.log'), 'utf8').trim().split('\n').slice(1)
        .map(line => line.split('\t')).map(cells => `${cells[0]}: ${cells[6]}`);

    assert.equal((await submit())[0], 1);
    assert.deepEqual(shards().sort(), ['1: 0', '2: 0', '3: 0', '4: 1']);
    assert.equal(stand.results().get('k7').reason, 'bad_request');
    const before = stand.server.answered;

    stand.server.broken.clear();
    assert.equal((await submit())[0], 0);
    assert.deepEqual(shards().sort(), ['1: 0', '2: 0', '3: 0', '4: 0', '4: 1']);
    assert.equal(stand.server.answered, before + 1);
    assert.equal(stand.results().size, 40);
    stand.tearDown();
});
