// A model server on this machine for what is driven from Node: it says "said" to everybody, or what `says` is, after `latency` ms, and
// counts what it was asked by the prompt's `word-…`. With `rate` it lets so many requests a second through, `burst` at
// once, and refuses the others with 429 and what `hint` makes of the ms until one would pass. The part `unlucky` of all
// is refused for 10 ms besides, always the same ones. `broken` words are bad requests.
import http from 'node:http';

const event = fields => `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;
const usage = {input_tokens: 100, output_tokens: 10, total_tokens: 110};
const saying = text => Buffer.from([
    {type: 'response.created', response: {id: 'r'}},
    {type: 'response.output_item.done', output_index: 0, item: {
        type: 'message', role: 'assistant', id: 'm', content: [{type: 'output_text', text}]}},
    {type: 'response.completed', response: {id: 'r', usage}},
].map(event).join(''));

/// A bucket of `burst` tokens that gets `rate` new ones a second.
class Bucket {
    constructor(rate, burst) {
        Object.assign(this, {rate, burst, tokens: burst, time: performance.now()});
    }

    /// 0 when one was taken, else the ms until there is one.
    take() {
        const now = performance.now();
        this.tokens = Math.min(this.burst, this.tokens + (now - this.time) / 1000 * this.rate);
        this.time = now;
        if (this.tokens < 1) return (1 - this.tokens) / this.rate * 1000;
        --this.tokens;
        return 0;
    }
}

/// From 0 to 1, the same numbers each time. Source: the example of C's rand().
function randomNumbers(seed) {
    return () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
}

export const hints = {
    'no hint': () => ({}),
    'Retry-After in seconds': ms => ({'retry-after': String(Math.ceil(ms / 1000))}),
    'retry-after-ms': ms => ({'retry-after-ms': String(Math.ceil(ms))}),
    'x-ratelimit-reset': ms => ({'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': `${Math.ceil(ms)}ms`}),
};

export async function startModelServer({latency = 0, says = 'said', rate, burst = 1, hint = hints['retry-after-ms'], unlucky = 0, broken = []} = {}) {
    const answer = saying(says);
    const bucket = rate && new Bucket(rate, burst);
    const asked = new Map();
    const random = randomNumbers(429);
    broken = new Set(broken);
    const told = {refused: 0, atOnce: 0, underWay: 0};
    const server = http.createServer(async (request, response) => {
        let body = '';
        for await (const part of request) body += part;
        const wait = random() < unlucky ? 10 : bucket?.take() ?? 0;
        if (wait > 0) {
            ++told.refused;
            response.writeHead(429, {'content-type': 'application/json', ...hint(wait)});
            return response.end('{"error":{"message":"slow down"}}');
        }
        const word = /word-[\w-]+/.exec(body)?.[0] ?? 'none';
        asked.set(word, (asked.get(word) ?? 0) + 1);
        if (broken.has(word)) {
            response.writeHead(400, {'content-type': 'application/json'});
            return response.end('{"error":{"message":"no"}}');
        }
        told.atOnce = Math.max(told.atOnce, ++told.underWay);
        await new Promise(done => setTimeout(done, latency));
        --told.underWay;
        response.writeHead(200, {'content-type': 'text/event-stream'});
        response.end(answer);
    });
    await new Promise(ready => server.listen(0, '127.0.0.1', ready));
    return {
        asked, told, broken, url: `http://127.0.0.1:${server.address().port}/v1`,
        get answered() { return [...asked.values()].reduce((sum, n) => sum + n, 0); },
        close: () => { server.closeAllConnections(); server.close(); },
    };
}

/// The settings of a program that is to ask this server.
export const settingsFor = url => `model = "gpt-5.5"
model_provider = "mock"
[model_providers.mock]
name = "mock"
base_url = "${url}"
env_key = "MOCK_KEY"
wire_api = "responses"
`;
