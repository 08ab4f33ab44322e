// A model server that plays one scripted conversation for each work load, without latency. A process of its own, so
// that its work is in nobody's figures. The load is the first part of the path: http://127.0.0.1:PORT/<load>/v1.
// What was asked for is checked, and anything wrong becomes the answer, which the runner then sees on stdout.
import http from 'node:http';
import https from 'node:https';
import fs from 'node:fs';
import { answers, deltas, deltaText, texts } from './loads.mjs';

const event = (type, fields) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const created = event('response.created', { response: { id: 'resp_1' } });
const completed = event('response.completed', {
    response: {
        id: 'resp_1',
        usage: {
            input_tokens: 1000,
            input_tokens_details: { cached_tokens: 600 },
            output_tokens: 50,
            output_tokens_details: { reasoning_tokens: 10 },
            total_tokens: 1050,
        },
    },
});

const message = text => ({ type: 'message', role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text }] });
const item = it => event('response.output_item.done', { output_index: 0, item: it });
const say = text => Buffer.from(created + item(message(text)) + completed);
const run = (cmd, n = 1) =>
    Buffer.from(
        created +
            item({
                type: 'function_call',
                id: `fc_${n}`,
                call_id: `call_${n}`,
                name: 'exec_command',
                arguments: JSON.stringify({ cmd }),
            }) +
            completed,
    );

const streamed = Buffer.from(
    created +
        event('response.output_item.added', { output_index: 0, item: { ...message(''), content: [] } }) +
        Array.from({ length: deltas }, (_, n) =>
            event('response.output_text.delta', {
                item_id: 'msg_1',
                output_index: 0,
                content_index: 0,
                delta: deltaText(n),
                sequence_number: n,
            }),
        ).join('') +
        item(message(answers.d)) +
        completed,
);

function count(body, text) {
    let n = 0;
    for (let at = body.indexOf(text); at >= 0; at = body.indexOf(text, at + text.length)) ++n;
    return n;
}

const outputs = body => count(body, '"function_call_output"');
const sayIf = (right, load, wrong) => say(right ? answers[load] : wrong);

const play = {
    a: () => say(answers.a),
    g: () => say(answers.g),
    d: () => streamed,
    // The shell does the sum: the result stands nowhere but in the command's output.
    b: body =>
        outputs(body)
            ? sayIf(body.includes('sum 1042'), 'b', 'no output of the command')
            : run('echo sum $((1000+42))'),
    c: body => {
        const n = outputs(body);
        if (n > 0 && !body.includes(`sum ${1000 + n}`)) return say(`no output of command ${n}`);
        return n < 20 ? run(`echo sum $((1000+${n + 1}))`, n + 1) : say(answers.c);
    },
    e: body => {
        if (!outputs(body)) return run(`yes 'a line of a very long output' | head -c 50000000`);
        return sayIf(body.includes('a very long output\\na line') && body.length < 1e6, 'e', 'no bounded output');
    },
    f: body =>
        sayIf(
            count(body, texts.firstQuestion) === 1 && body.includes(texts.lastAnswer) && body.length > 2e7,
            'f',
            'not the whole history',
        ),
    fc: body =>
        sayIf(
            !body.includes(texts.earlyAnswer) && body.includes(texts.summary) && body.includes(texts.lastAnswer),
            'fc',
            'not the summary and what followed it',
        ),
};

async function answer(request, response) {
    const [, load, ...rest] = request.url.split('/');
    const parts = [];
    for await (const part of request) parts.push(part);
    if (request.method !== 'POST' || rest.join('/') !== 'v1/responses') {
        response.writeHead(404, { 'content-type': 'application/json' });
        return response.end('{}');
    }
    const body = Buffer.concat(parts);
    if (load === 'a') fs.writeFileSync(sizeFile, String(body.length));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(play[load](body));
}

const [keyFile, certFile, sizeFile] = process.argv.slice(2);
const [key, cert] = [keyFile, certFile].map(path => fs.readFileSync(path));
const listen = server => new Promise(ready => server.listen(0, '127.0.0.1', () => ready(server.address().port)));
console.log(await listen(http.createServer(answer)), await listen(https.createServer({ key, cert }, answer)));
