// A model server on 127.0.0.1 that plays prepared answers in order and keeps what it was asked.
import http from 'node:http';

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const usage = {
    input_tokens: 1000, input_tokens_details: {cached_tokens: 600},
    output_tokens: 50, output_tokens_details: {reasoning_tokens: 10}, total_tokens: 1050,
};

let nextId = 0;
export const message = text =>
    ({type: 'message', role: 'assistant', id: `msg_${++nextId}`, content: [{type: 'output_text', text}]});
export const reasoning = text =>
    ({type: 'reasoning', id: `rs_${++nextId}`, summary: [{type: 'summary_text', text}], encrypted_content: 'sealed'});
export const command = cmd => ({
    type: 'function_call', id: `fc_${++nextId}`, call_id: `call_${nextId}`, name: 'exec_command',
    arguments: JSON.stringify({cmd}),
});
export const fails = (code, text) => ({fails: {code, message: text}}); // in place of the rest of the answer
export const cut = {cut: true};   // the connection breaks
export const hang = {hang: true}; // nothing more comes
export const flood = {flood: true}; // items that nobody knows, without end

export class ModelServer {
    requests = [];
    #answers = [];
    #server = http.createServer((request, response) => this.#answer(request, response));

    static async start() {
        const server = new ModelServer();
        await new Promise(resolve => server.#server.listen(0, '127.0.0.1', resolve));
        return server;
    }
    get url() { return `http://127.0.0.1:${this.#server.address().port}`; }
    /// One list of items for each request; the last one is repeated.
    play(...answers) { this.#answers = answers; }
    close() { this.#server.closeAllConnections(); this.#server.close(); }

    async #answer(request, response) {
        response.on('error', () => {});
        let body = '';
        for await (const piece of request) body += piece;
        if (request.method !== 'POST' || !request.url.endsWith('/responses')) return response.writeHead(404).end('{}');
        this.requests.push({headers: request.headers, body: JSON.parse(body)});
        const send = event => response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
        const items = this.#answers[Math.min(this.requests.length, this.#answers.length) - 1];
        response.writeHead(200, {'content-type': 'text/event-stream'});
        send({type: 'response.created', response: {id: 'resp'}});
        for (const item of items) {
            if (item.fails) {
                send({type: 'response.failed', response: {id: 'resp', error: item.fails}});
                return response.end();
            }
            if (item.cut) { await sleep(20); return response.destroy(); }
            if (item.hang) return;
            for (; item.flood && !response.destroyed; await sleep(5))
                send({type: 'response.output_item.done', item: {type: 'unheard_of', id: 'x'}});
            send({type: 'response.output_item.done', output_index: 0, item});
        }
        send({type: 'response.completed', response: {id: 'resp', usage}});
        response.end();
    }
}
