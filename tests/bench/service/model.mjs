// A model server that must not be what is measured: raw sockets, answers made once. A process of its own; it tells its
// parent the port, and how many requests it holds. What it plays is the first part of the path:
//   /hello/v1      one short message at once
//   /hold/v1       a message that begins, and ends when the parent says "release"
//   /paced-N-MS/v1 N deltas, one every MS milliseconds, each the time it was sent at, in nanoseconds
import net from 'node:net';

const event = (type, fields) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const created = event('response.created', { response: { id: 'resp_1' } });
const message = text => ({ type: 'message', role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text }] });
const usage = {
    input_tokens: 1000,
    input_tokens_details: { cached_tokens: 600 },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 10 },
    total_tokens: 1050,
};
const ending = text =>
    event('response.output_item.done', { output_index: 0, item: message(text) }) +
    event('response.completed', { response: { id: 'resp_1', usage } });
const opening =
    created + event('response.output_item.added', { output_index: 0, item: { ...message(''), content: [] } });
const delta = text =>
    event('response.output_text.delta', { item_id: 'msg_1', output_index: 0, content_index: 0, delta: text });

const whole = (status, type, body) =>
    Buffer.from(`HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const chunk = text => `${text.length.toString(16)}\r\n${text}\r\n`;
const last = text => chunk(text) + '0\r\n\r\n';

const hello = whole('200 OK', 'text/event-stream', created + ending('hello'));
const nothing = whole('404 Not Found', 'application/json', '{}');
const held = new Set();

function pace(socket, count, interval) {
    socket.write(head + chunk(opening));
    let text = '';
    const timer = setInterval(() => {
        if (count-- <= 0 || socket.destroyed) {
            clearInterval(timer);
            return socket.write(last(ending(text)));
        }
        const now = `${process.hrtime.bigint()} `;
        text += now;
        socket.write(chunk(delta(now)));
    }, interval);
}

function answer(socket, requestLine) {
    const [, load, rest] = /^POST \/([^/]+)\/v1\/(\w+) /.exec(requestLine) ?? [];
    if (rest !== 'responses') return socket.write(nothing);
    if (load === 'hello') return socket.write(hello);
    if (load !== 'hold') return pace(socket, ...load.split('-').slice(1).map(Number));
    socket.write(head + chunk(created));
    held.add(socket);
    process.send({ held: held.size });
}

function onClient(socket) {
    let pieces = [];
    let size = 0;
    let wanted = 0; // bytes of the request; 0 while its head is not there
    socket.setNoDelay();
    socket.on('error', () => {});
    socket.on('close', () => held.delete(socket));
    socket.on('data', data => {
        pieces.push(data);
        size += data.length;
        if (size < wanted) return;
        const text = Buffer.concat(pieces).toString('latin1');
        const end = text.indexOf('\r\n\r\n') + 4;
        if (end < 4) return;
        const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end));
        if (!length && /\r\ntransfer-encoding/i.test(text.slice(0, end)) && !text.endsWith('\r\n0\r\n\r\n')) return;
        wanted = end + Number(length?.[1] ?? 0);
        if (size < wanted) return;
        pieces = [];
        size = wanted = 0;
        answer(socket, text.slice(0, text.indexOf('\r\n')));
    });
}

process.on('disconnect', () => process.exit());
process.on('message', () => {
    for (const socket of held) socket.write(last(ending('hello')));
    held.clear();
});
const server = net.createServer(onClient);
server.listen({ port: 0, host: '127.0.0.1', backlog: 2000 }, () => process.send({ port: server.address().port }));
