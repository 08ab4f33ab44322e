// The same server as mcpserver.mjs, behind a URL: one process of it a session. Prints its URL as its first line.
// Options: --json answers without streams, --sessionless has no sessions, --forget forgets the session at each third
// call, --late answers 503 twice, --redirect has moved, --auth wants a key; RECORD gets a line for each request.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import readline from 'node:readline';

const options = new Set(process.argv.slice(2));
const sessions = new Map();
let late = options.has('--late') ? 2 : 0;
let calls = 0;

function begin() {
    const child = spawn(process.execPath, [new URL('mcpserver.mjs', import.meta.url).pathname, '--resources'],
        { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH } });
    const session = { child, waiting: new Map(), stream: null };
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
        const message = JSON.parse(line);
        const response = session.waiting.get(message.id);
        if (message.method) // a question to the client: over whichever stream is open
            return [...session.waiting.values()][0]?.write(`data: ${line}\n\n`);
        session.waiting.delete(message.id);
        response?.headersSent ? response.end(`event: message\ndata: ${line}\n\n`) : response?.end(line);
    });
    return session;
}

const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const piece of request)
        body += piece;
    const message = body ? JSON.parse(body) : {};
    if (process.env.RECORD) {
        const { accept, authorization, 'user-agent': agent, 'mcp-protocol-version': version, 'x-own': own } = request.headers;
        fs.appendFileSync(process.env.RECORD, JSON.stringify({ method: request.method, url: request.url, rpc: message.method,
            session: 'mcp-session-id' in request.headers, accept, authorization, agent, version, own }) + '\n');
    }
    const end = (status, text = '', headers = {}) => response.writeHead(status, headers).end(text);
    if (options.has('--auth') && request.headers.authorization !== 'Bearer right')
        return end(401);
    if (late-- > 0)
        return end(503, 'starting');
    if (options.has('--redirect') && request.url === '/mcp')
        return end(307, '', { location: '/mcp/' });
    if (request.method === 'GET')
        return end(405);
    let id = request.headers['mcp-session-id'] ?? 'only';
    if (message.method === 'initialize') {
        id = options.has('--sessionless') ? 'only' : randomUUID();
        sessions.set(id, begin());
        if (!options.has('--sessionless'))
            response.setHeader('mcp-session-id', id);
    }
    if (message.method === 'tools/call' && ++calls % 3 === 0 && options.has('--forget')) {
        sessions.get(id)?.child.kill();
        sessions.delete(id);
    }
    const session = sessions.get(id);
    if (!session)
        return end(404, JSON.stringify({ jsonrpc: '2.0', error: { code: -32001, message: 'Session not found' } }));
    if (request.method === 'DELETE') {
        session.child.kill();
        sessions.delete(id);
        return end(200);
    }
    if (message.id === undefined || !message.method) {
        session.child.stdin.write(body + '\n');
        return end(202);
    }
    session.waiting.set(message.id, response);
    response.setHeader('content-type', options.has('--json') ? 'application/json' : 'text/event-stream; charset=utf-8');
    if (!options.has('--json')) {
        response.writeHead(200);
        response.write(': here it comes\n\n');
    }
    session.child.stdin.write(body + '\n');
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}/mcp\n`));
process.stdin.on('end', () => process.exit(0)).resume();
process.on('exit', () => sessions.forEach((session) => session.child.kill()));
