// ---- The wire ----

class Refused extends Error {}

async function send(path, options, accept) {
    const response = await fetch(path, {...options, cache: 'no-store', headers: {
        Accept: accept, Authorization: `Bearer ${sessionStorage.getItem('token')}`, ...options.headers,
    }});
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    const details = (problem.errors ?? []).map(each => `${each.pointer} ${each.detail}`);
    const refused = new Refused([problem.detail ?? `The service answered ${response.status}.`, ...details].join(' '));
    refused.status = response.status;
    throw refused;
}

const read = (path, signal) => send(path, {signal}, 'application/json').then(response => response.json());

// `key` makes a repetition after a lost answer the same piece of work.
function write(path, body, key, method = 'POST') {
    const headers = {'Content-Type': 'application/json', ...(key && {'Idempotency-Key': key})};
    return send(path, {method, body: JSON.stringify(body), headers}, 'application/json').then(response => response.json());
}

const newKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), each => each.toString(16)).join('-');
const decide = (id, body) => write(`/v1/approvals/${encodeURIComponent(id)}`, body);

// Server-sent events of a body. Source: the HTML standard, section 9.2.6, as far as this service uses it.
async function* frames(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const blocks = (rest + piece.value).split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) {
            const lines = block.split('\n').map(line => line.split(/: ?(.*)/s));
            yield Object.fromEntries(lines.filter(([name]) => name !== ''));
        }
    }
}

// Follows a stream of events until the signal aborts it or it ends; a cut one is taken up at its cursor.
async function follow(path, cursor, signal, onEvent) {
    while (!signal.aborted) {
        try {
            const headers = cursor.seq ? {'Last-Event-ID': cursor.seq} : {};
            const response = await send(path, {headers, signal}, 'text/event-stream');
            at('connection').textContent = '';
            if (response.status === 204) return;
            for await (const frame of frames(response.body)) {
                if (frame.event === 'end') return;
                if (frame.event === 'reset') cursor.seq = '';
                if (frame.id) cursor.seq = frame.id;
                if (frame.data) onEvent(frame.event, JSON.parse(frame.data));
            }
        } catch (error) {
            if (signal.aborted) return;
            if (error instanceof Refused && error.status < 500 && error.status !== 429) return fail(error);
        }
        if (!signal.aborted) at('connection').textContent = 'Reconnecting…';
        await new Promise(resolve => setTimeout(resolve, 2000));
    }
}

function fail(error) {
    if (error.name === 'AbortError') return;
    if (error.status === 401) return current.view === 'token' ? undefined : askForToken();
    say(error instanceof Refused ? error.message : `The service cannot be reached (${error.message}).`);
}

// Runs what a form asks for; its buttons rest meanwhile.
async function attempt(form, work) {
    const buttons = [...form.querySelectorAll('button')];
    for (const button of buttons) button.disabled = true;
    say('');
    try {
        await work();
    } catch (error) {
        fail(error);
    }
    for (const button of buttons) button.disabled = false;
}

// Many wishes within a moment are one call.
function soon(work, moment = 150) {
    let timer;
    return () => { timer ??= setTimeout(() => { timer = undefined; work().catch(fail); }, moment); };
}
