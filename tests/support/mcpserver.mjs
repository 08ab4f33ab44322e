// An MCP server over stdio for the tests. Each tool is named after what it does; options change how the server is.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline';

const options = new Set(process.argv.slice(2).filter((word) => word.startsWith('--')));
const record = process.env.RECORD;
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');
const text = (value) => ({ content: [{ type: 'text', text: value }] });
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const tools = {
    audio: () => ({ content: [{ type: 'audio', data: 'AAAA', mimeType: 'audio/wav' }] }),
    bad: () => ({ ...text('bad'), isError: true }),
    die: () => {
        process.stderr.write('first words\nlast words\n');
        process.exit(3);
    },
    echo: (args) => text('ECHO:' + args.text),
    env: () => text(JSON.stringify(process.env)),
    huge: () => text('x'.repeat(1_000_000)),
    image: () => ({ content: [{ type: 'image', data: png, mimeType: 'image/png' }] }),
    structured: () => ({ ...text('x'), structuredContent: { b: 1, a: 2 } }),
    'write-file': (args) => {
        fs.writeFileSync(args.path, 'written');
        return text('written');
    },
};
// Those that do not answer at once, or not with a result.
let meeting = null;
let asked = null;
const others = {
    error: (id) => send({ id, error: { code: -32000, message: 'boom', data: { d: 1 } } }),
    meet: (id) => { // answers when it is called a second time meanwhile
        if (meeting === null) { meeting = id; return; }
        send({ id: meeting, result: text('met') });
        send({ id, result: text('met') });
    },
    never: () => {},
    ask: (id, args) => { // asks the client, and answers with what it says
        asked = id;
        send({ id: 'q1', method: args.method, params: {} });
    },
};

function definition(name) {
    const schema = name === 'echo'
        ? { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] } : { type: 'object' };
    return { name, description: `Does ${name}.`, inputSchema: schema, annotations: { readOnlyHint: name !== 'write-file' } };
}

const all = [...Object.keys(tools), ...Object.keys(others)].sort().reverse().map(definition);

function listTools(params) {
    if (!options.has('--pages'))
        return { tools: all };
    const at = Number(params.cursor ?? 0);
    return { tools: all.slice(at, at + 2), ...(at + 2 < all.length ? { nextCursor: String(at + 2) } : {}) };
}

function call(id, { name, arguments: args }) {
    if (others[name])
        return others[name](id, args);
    try {
        send({ id, result: tools[name](args) });
    } catch (error) {
        send({ id, result: { ...text(error.message), isError: true } });
    }
}

const methods = {
    initialize: (id, params) => {
        if (options.has('--mute'))
            return;
        if (options.has('--refuse'))
            return send({ id, error: { code: -32602, message: 'not today' } });
        const capabilities = options.has('--resources') ? { tools: {}, resources: {} } : { tools: {} };
        send({ id, result: { protocolVersion: params.protocolVersion, capabilities, serverInfo: { name: 's', version: '1' } } });
    },
    'tools/list': (id, params) => send({ id, result: listTools(params) }),
    'tools/call': call,
    'resources/list': (id, params) => send({ id, result: params.cursor
        ? { resources: [{ uri: 'note:2', name: 'two' }] }
        : { resources: [{ uri: 'note:1', name: 'one' }], nextCursor: 'more' } }),
    'resources/templates/list': (id) => send({ id, result: { resourceTemplates: [{ uriTemplate: 'note:{n}', name: 'any' }] } }),
    'resources/read': (id, params) => send({ id, result: { contents: [{ uri: params.uri, text: 'read' }] } }),
};

if (options.has('--die')) {
    process.stderr.write('no such luck\n');
    process.exit(4);
}
if (options.has('--noise'))
    process.stdout.write('Starting up\n\n{"half":\n');
if (options.has('--stubborn')) { // ends for nobody, and has a child that does not either
    spawn('sleep', ['86400.' + process.env.MARK], { stdio: 'ignore', detached: true });
    setInterval(() => {}, 1000);
}
readline.createInterface({ input: process.stdin }).on('line', (line) => {
    if (record)
        fs.appendFileSync(record, line + '\n');
    const message = JSON.parse(line);
    if (message.method)
        return methods[message.method]?.(message.id, message.params);
    send({ id: asked, result: text(JSON.stringify(message.result ?? message.error)) });
}).on('close', () => {
    if (!options.has('--stubborn'))
        process.exit(0);
});
