// Holds openapi.json, and webhooks, to what others published for such documents and messages.
//     NIGHTSHIFT_PROGRAM=…/nightshift NIGHTSHIFT_OPENAPI=…/openapi.json NIGHTSHIFT_NPM=…/build/npm/openapi node …
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import {createRequire} from 'node:module';
import os from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {pathToFileURL} from 'node:url';

const npm = process.env.NIGHTSHIFT_NPM;
if (!fs.existsSync(path.join(npm, 'wanted'))) {
    console.log('skipped: packaging/openapi found no npm to fetch the published tools with');
    process.exit(77);
}
const require = createRequire(path.join(npm, 'package.json'));
const load = async name => import(pathToFileURL(require.resolve(name)).href);
const tool = (...words) => execFileSync(process.execPath, words, {cwd: client, encoding: 'utf8', stdio: 'pipe'});
const client = path.join(npm, 'client');
let root, service, url, token;

before(async () => {
    root = fs.mkdtempSync(path.join(os.homedir(), 'nightshift-openapi-')); // not in /tmp, which is a writable root
    for (const folder of ['work', 'home', 'state', 'run']) fs.mkdirSync(path.join(root, folder), {mode: 0o700});
    fs.writeFileSync(path.join(root, 'work', 'README.md'), 'Nothing much.\n');
    service = spawn(process.env.NIGHTSHIFT_PROGRAM, ['serve', '--listen', '127.0.0.1:0'], {
        cwd: path.join(root, 'work'),
        env: {PATH: process.env.PATH, HOME: path.join(root, 'home'), CODEX_HOME: path.join(root, 'state'),
              XDG_RUNTIME_DIR: path.join(root, 'run')},
        stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    for await (const text of service.stderr) {
        said += text;
        if (/the token is in .*\n/.test(said)) break;
    }
    url = /listening on (http:\S+)/.exec(said)[1];
    token = fs.readFileSync(/the token is in (.*)\n/.exec(said)[1], 'utf8').trim();
});
after(() => {
    service?.kill();
    fs.rmSync(root, {recursive: true, force: true});
});
const ask = async (target, body) => {
    const answer = await fetch(url + target, {
        method: body ? 'POST' : 'GET', body: body && JSON.stringify(body),
        headers: {Authorization: `Bearer ${token}`, ...(body && {'Content-Type': 'application/json'})},
    });
    return answer.json();
};

test('the document is valid', async () => {
    const {Validator} = await load('@seriousme/openapi-schema-validator');
    const result = await new Validator().validate(await ask('/openapi.json'));
    assert.deepEqual(result, {valid: true});
});

test('a generated client goes the whole way', async () => {
    fs.mkdirSync(client, {recursive: true});
    fs.copyFileSync(new URL('client.ts', import.meta.url), path.join(client, 'client.ts'));
    fs.writeFileSync(path.join(client, 'openapi.json'), JSON.stringify(await ask('/openapi.json')));
    tool(path.join(npm, 'node_modules/openapi-typescript/bin/cli.js'), 'openapi.json', '-o', 'service.d.ts',
         '--default-non-nullable=false');
    tool(path.join(npm, 'node_modules/typescript/bin/tsc'), 'client.ts', '--strict', '--target', 'es2022', '--module',
         'esnext', '--moduleResolution', 'bundler', '--skipLibCheck');
    fs.renameSync(path.join(client, 'client.js'), path.join(client, 'client.mjs'));
    const {happyPath} = await import(pathToFileURL(path.join(client, 'client.mjs')).href);
    const seen = await happyPath(url, token, path.join(root, 'work'));
    assert.equal(seen.info.name, 'nightshift');
    assert.equal(seen.first.outcome, 'completed');
    assert.match(seen.first.result.text, /demo/i);
    assert.equal(seen.second.status, 'done');
    assert.deepEqual(seen.types.filter(type => /started|completed/.test(type)),
                     ['turn.started', 'turn.completed', 'turn.started', 'turn.completed']);
    assert.deepEqual(seen.turns.map(turn => turn.number), [1, 2]);
    assert.equal(seen.renamed.title, 'Renamed');
    assert.deepEqual(seen.listed.map(session => session.labels), [{by: 'a generated client'}]);
    assert.equal(seen.nothing.cancelling, false);
    assert.deepEqual([seen.removed, seen.gone], [204, 'session_deleted']);
});

test('the reference implementation knows our webhooks', {timeout: 60_000}, async () => {
    const {Webhook} = await load('standardwebhooks');
    let hear;
    const heard = new Promise(resolve => hear = resolve);
    const receiver = http.createServer(async (request, response) => {
        let body = '';
        for await (const text of request) body += text;
        response.writeHead(204).end();
        hear({body, headers: request.headers});
    }).listen(0, '127.0.0.1');
    await new Promise(resolve => receiver.once('listening', resolve));
    try {
        const hook = await ask('/v1/webhooks', {
            url: `http://127.0.0.1:${receiver.address().port}/hook`, types: ['turn.completed'],
        });
        await ask('/v1/sessions', {cwd: path.join(root, 'work'), provider: 'demo', input: 'Hello'});
        const {body, headers} = await heard;
        const message = new Webhook(hook.secret).verify(body, headers);
        assert.equal(message.type, 'turn.completed');
        assert.equal(message.data.outcome, 'completed');
        assert.throws(() => new Webhook(hook.secret).verify(body + ' ', headers));
    } finally {
        receiver.closeAllConnections();
        receiver.close();
    }
});
