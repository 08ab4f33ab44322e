// Drives the built program through the published TypeScript SDK, as its users do.
//     NIGHTSHIFT_PROGRAM=…/nightshift NIGHTSHIFT_SDK=…/dist/index.js node tests/sdk/sdk.test.mjs
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, test} from 'node:test';
import {command, cut, fails, flood, hang, message, ModelServer, reasoning} from './modelserver.mjs';

if (!fs.existsSync(process.env.NIGHTSHIFT_SDK)) {
    console.log('skipped: there is no SDK, because packaging/sdk found no npm to fetch it with');
    process.exit(77);
}
const {Codex} = await import(process.env.NIGHTSHIFT_SDK);
const usage = turns => ({
    input_tokens: 1000 * turns, cached_input_tokens: 600 * turns, cache_write_input_tokens: 0,
    output_tokens: 50 * turns, reasoning_output_tokens: 10 * turns,
});
const schema = {
    type: 'object', properties: {answer: {type: 'string'}}, required: ['answer'], additionalProperties: false,
};
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let server, root, work;

beforeEach(async () => {
    server = await ModelServer.start();
    root = fs.mkdtempSync(path.join(os.homedir(), 'nightshift-sdk-')); // not in /tmp, which is a writable root
    work = path.join(root, 'work');
    for (const folder of ['work', 'home', 'state', 'tmp']) fs.mkdirSync(path.join(root, folder));
    process.env.TMPDIR = path.join(root, 'tmp'); // where the SDK writes schemas
    execFileSync('git', ['init', '-q', '-b', 'main', work]);
});
afterEach(() => {
    server.close();
    fs.rmSync(root, {recursive: true, force: true});
});

function codex(options = {}) {
    const {config, ...others} = options;
    return new Codex({
        codexPathOverride: process.env.NIGHTSHIFT_PROGRAM,
        apiKey: 'key-of-the-tests',
        env: {PATH: process.env.PATH, HOME: path.join(root, 'home'), CODEX_HOME: path.join(root, 'state')},
        config: {
            model_provider: 'mock',
            model_providers: {
                mock: {name: 'mock', base_url: server.url, wire_api: 'responses', stream_max_retries: 1,
                       request_max_retries: 0, supports_websockets: false},
            },
            ...config,
        },
        ...others,
    });
}
const thread = (options = {}, settings = {}) =>
    codex(settings).startThread({model: 'gpt-5.5', workingDirectory: work, ...options});

async function events(stream) {
    const seen = [];
    for await (const event of stream) seen.push(event);
    return seen;
}
const types = seen => seen.map(event => event.type + (event.item ? ':' + event.item.type : ''));
const conversation = request => request.body.input
    .filter(item => item.type === 'message' && item.role !== 'developer')
    .map(item => `${item.role}: ${item.content.map(part => part.text ?? `<${part.type}>`).join('|')}`)
    .filter(text => !text.startsWith('user: <environment_context>'));
const logs = () => fs.readdirSync(path.join(root, 'state', 'sessions'), {recursive: true})
    .filter(name => name.endsWith('.jsonl'));

test('run gives items, answer and usage, and names the thread', async () => {
    server.play([message('Hi!')]);
    const one = thread();
    const turn = await one.run('Hello');
    assert.deepEqual(turn.items, [{id: 'item_0', type: 'agent_message', text: 'Hi!'}]);
    assert.equal(turn.finalResponse, 'Hi!');
    assert.deepEqual(turn.usage, usage(1));
    assert.match(one.id, /^[0-9a-f-]{36}$/);
    assert.equal(server.requests[0].headers.originator, 'codex_sdk_ts');
    assert.deepEqual(conversation(server.requests[0]), ['user: Hello']);
});

test('a second run goes on with the conversation', async () => {
    server.play([message('First.')], [message('Second.')]);
    const one = thread();
    await one.run('one');
    const second = await one.run('two');
    assert.equal(second.finalResponse, 'Second.');
    assert.deepEqual(second.usage, usage(2));
    assert.deepEqual(conversation(server.requests[1]), ['user: one', 'assistant: First.', 'user: two']);
    assert.equal(logs().length, 1);
});

test('a thread is resumed by its id', async () => {
    server.play([message('First.')], [message('Second.')]);
    const one = thread();
    await one.run('one');
    const again = codex().resumeThread(one.id, {workingDirectory: work, model: 'gpt-5.5'});
    assert.equal((await again.run('two')).finalResponse, 'Second.');
    assert.equal(again.id, one.id);
});

test('runStreamed tells what happens', async () => {
    server.play([reasoning('**Looking**'), command('echo out')], [message('Done.')]);
    const seen = await events((await thread().runStreamed('go')).events);
    assert.deepEqual(types(seen), [
        'thread.started', 'turn.started', 'item.completed:reasoning', 'item.started:command_execution',
        'item.completed:command_execution', 'item.completed:agent_message', 'turn.completed',
    ]);
    assert.deepEqual(seen[4].item, {
        id: 'item_1', type: 'command_execution', command: "/bin/bash -lc 'echo out'", aggregated_output: 'out\n',
        exit_code: 0, status: 'completed',
    });
});

test('thread options reach the request and the run', async () => {
    server.play([command('touch written ../more/written; ls ..')], [message('Done.')]);
    fs.mkdirSync(path.join(root, 'more'));
    await thread({
        model: 'gpt-5.1', sandboxMode: 'workspace-write', modelReasoningEffort: 'high', networkAccessEnabled: true,
        approvalPolicy: 'never', webSearchMode: 'disabled', threadSource: 'tests',
        additionalDirectories: [path.join(root, 'more')],
    }).run('go');
    assert.equal(server.requests[0].body.model, 'gpt-5.1');
    assert.equal(server.requests[0].body.reasoning.effort, 'high');
    assert.ok(fs.existsSync(path.join(work, 'written')));
    assert.ok(fs.existsSync(path.join(root, 'more', 'written')));
    const log = fs.readFileSync(path.join(root, 'state', 'sessions', logs()[0]), 'utf8').split('\n');
    assert.equal(JSON.parse(log[0]).payload.thread_source, 'tests');
});

test('config is passed on', async () => {
    server.play([message('Done.')]);
    await thread({}, {config: {model_verbosity: 'low', developer_instructions: 'Be "brief".'}}).run('go');
    assert.equal(server.requests[0].body.text.verbosity, 'low');
    const told = server.requests[0].body.input.filter(item => item.role === 'developer')
        .flatMap(item => item.content.map(part => part.text));
    assert.ok(told.includes('Be "brief".'), told.join('\n\n'));
});

test('baseUrl is the address of the provider openai', async () => {
    server.play([message('Done.')]);
    const turn = await thread({}, {baseUrl: server.url, config: {model_provider: 'openai'}}).run('go');
    assert.equal(turn.finalResponse, 'Done.');
    assert.equal(server.requests[0].headers.authorization, 'Bearer key-of-the-tests');
});

test('an output schema is sent, and its file is gone afterwards', async () => {
    server.play([message('{"answer":"42"}')]);
    const turn = await thread().run('go', {outputSchema: schema});
    assert.equal(turn.finalResponse, '{"answer":"42"}');
    assert.deepEqual(server.requests[0].body.text.format,
                     {type: 'json_schema', strict: true, name: 'codex_output_schema', schema});
    assert.deepEqual(fs.readdirSync(os.tmpdir()), []);
});

test('texts are joined by a blank line, images come in order', async () => {
    server.play([message('Seen.')], [message('Seen again.')]);
    const images = ['a.png', 'b.png'].map(name => path.join(root, name));
    for (const image of images) fs.writeFileSync(image, Buffer.from(pixel, 'base64'));
    const one = thread();
    const input = [{type: 'text', text: 'one'}, ...images.map(file => ({type: 'local_image', path: file})),
                   {type: 'text', text: 'two'}];
    await one.run(input);
    await one.run(input); // after `resume`, too
    for (const request of server.requests) {
        const content = request.body.input.at(-1).content;
        assert.equal(content.at(-1).text, 'one\n\ntwo');
        assert.equal(content.filter(part => part.type === 'input_image').length, 2);
    }
});

test('a folder outside of a repository is refused', async () => {
    await assert.rejects(thread({workingDirectory: path.join(root, 'home')}).run('go'),
                         /Not inside a trusted directory/);
    server.play([message('Done.')]);
    await thread({workingDirectory: path.join(root, 'home'), skipGitRepoCheck: true}).run('go');
});

test('a turn that fails is an error with its message', async () => {
    server.play([fails('invalid_prompt', 'no such prompt')]);
    await assert.rejects(thread().run('go'), {message: 'no such prompt'});
    server.requests.length = 0;
    server.play([cut]);
    await assert.rejects(thread().run('go'), /stream disconnected before completion:/);
});

test('runStreamed tells of the failure, then throws the exit code', async () => {
    server.play([fails('invalid_prompt', 'no such prompt')]);
    const seen = [];
    await assert.rejects(async () => {
        for await (const event of (await thread().runStreamed('go')).events) seen.push(event);
    }, /exited with code 1/);
    assert.deepEqual(types(seen), ['thread.started', 'turn.started', 'error', 'turn.failed']);
    assert.equal(seen.at(-1).error.message, 'no such prompt');
});

test('a run that cannot start is an error with what stderr said', async () => {
    await assert.rejects(thread({workingDirectory: path.join(root, 'nowhere')}).run('go'),
                         /exited with code 1: [^]*nowhere/);
});

test('a signal that is aborted already starts nothing', async () => {
    server.play([message('Hi!')]);
    await assert.rejects(thread().run('go', {signal: AbortSignal.abort()}), {name: 'AbortError'});
    assert.equal(server.requests.length, 0);
});

test('an abort ends a turn at once, and what it started', {timeout: 30_000}, async () => {
    for (const answer of [[message('part'), hang], [flood], [command('sleep 97.531')]]) {
        server.requests.length = 0;
        server.play(answer);
        const abort = new AbortController();
        const {events: stream} = await thread().runStreamed('go', {signal: abort.signal});
        await assert.rejects(async () => {
            for await (const event of stream) {
                if (answer[0].flood ? event.type === 'turn.started' : event.item) abort.abort();
            }
        }, {name: 'AbortError'});
    }
    const alive = fs.readdirSync('/proc').filter(pid => {
        try { return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('97.531'); } catch { return false; }
    });
    assert.deepEqual(alive, []);
});

test('an aborted thread can go on', async () => {
    server.play([message('part'), hang], [message('Whole.')]);
    const abort = new AbortController();
    const one = thread();
    const {events: stream} = await one.runStreamed('one', {signal: abort.signal});
    await assert.rejects(async () => {
        for await (const event of stream) if (event.item) abort.abort();
    }, {name: 'AbortError'});
    const again = codex().resumeThread(one.id, {workingDirectory: work, model: 'gpt-5.5'});
    // The writer lets go of the session when it has ended, a moment after the abort was told.
    for (let tries = 0; ; ++tries) {
        try { assert.equal((await again.run('two')).finalResponse, 'Whole.'); break; }
        catch (error) { if (tries > 100 || !/active writer/.test(error.message)) throw error; }
    }
});
