// Holds what `nightshift batch --sarif` writes to the published schema of SARIF 2.1.0.
//     NIGHTSHIFT_PROGRAM=…/nightshift NIGHTSHIFT_NPM=…/build/npm/openapi node …
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import os from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {settingsFor, startModelServer} from '../support/modelserver.mjs';

const npm = path.resolve(process.env.NIGHTSHIFT_NPM);
const published = path.join(npm, 'node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
if (!fs.existsSync(published)) {
    console.log('skipped: packaging/openapi found no npm to fetch the published schema with');
    process.exit(77);
}
const Ajv = createRequire(path.join(npm, 'node_modules/'))('ajv-draft-04').default;
const validate = new Ajv({strict: false, validateFormats: false, unicodeRegExp: false}).compile(JSON.parse(fs.readFileSync(published)));

const finding = {type: 'object', additionalProperties: false, required: ['file', 'line', 'message'],
    properties: {file: {type: 'string'}, line: {type: 'integer'}, message: {type: 'string'}}};
const schema = {type: 'object', additionalProperties: false, required: ['findings'],
    properties: {findings: {type: 'array', items: finding}}};
const found = {findings: [{file: 'src/a b.h', line: 3, message: 'shared, "unguarded"'},
    {file: 'src/c.h', line: 0, message: 'no guard'}]};

/// What a batch of three items writes, of which one fails.
async function sarif() {
    const root = fs.mkdtempSync(path.join(os.homedir(), 'nightshift-sarif-'));
    const server = await startModelServer({says: JSON.stringify(found), broken: ['word-b']});
    try {
        fs.writeFileSync(path.join(root, 'config.toml'), settingsFor(server.url), {mode: 0o600});
        fs.writeFileSync(path.join(root, 'items.csv'), 'id,word\na,word-a\nb,word-b\nc,word-c\n');
        fs.writeFileSync(path.join(root, 'schema.json'), JSON.stringify(schema));
        const run = spawn(process.env.NIGHTSHIFT_PROGRAM, ['batch', '--input', 'items.csv', '--prompt', 'Say {{word}}',
            '--output-schema', 'schema.json', '--sarif', 'found.sarif'],
        {cwd: root, env: {PATH: process.env.PATH, HOME: root, CODEX_HOME: root, MOCK_KEY: 'key'}, stdio: 'inherit'});
        assert.equal((await once(run, 'exit'))[0], 1);
        return JSON.parse(fs.readFileSync(path.join(root, 'found.sarif')));
    } finally {
        server.close();
        fs.rmSync(root, {recursive: true, force: true});
    }
}

const written = await sarif();

test('it is valid', () => assert.ok(validate(written), JSON.stringify(validate.errors)));

test('it holds what was found, and what failed', () => assert.equal(written.runs[0].results.length, 5));

test('the published schema would find what is wrong', () => {
    assert.ok(!validate({...written, runs: [{...written.runs[0], results: [{message: 'x'}]}]}));
});
