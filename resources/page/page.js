// The page of `nightshift serve`: what sessions do, live, and how to start, steer, cancel and approve.
// First what events mean, then how it looks (text goes in as text, never as HTML), the wire, the views.
'use strict';

const longestOutput = 64 * 1024; // characters of a command's output that stay on the page

// ---- What events mean ----

const firstLine = text => text.trim().split('\n')[0].slice(0, 80);
const number = value => Number(value ?? 0).toLocaleString();
const moment = iso => iso ? new Date(iso).toLocaleString([], {dateStyle: 'medium', timeStyle: 'short'}) : '';

function stateOf(item) {
    if (item.status === 'in_progress') return {state: 'running', tone: 'busy', live: true};
    if (item.type === 'command_execution' && item.exit_code !== null)
        return {state: `exit code ${item.exit_code}`, tone: item.exit_code === 0 ? 'good' : 'bad'};
    return item.status === 'failed' ? {state: 'failed', tone: 'bad'} : {state: 'done', tone: 'good'};
}

function toolResult(item) {
    if (item.error) return item.error.message;
    return (item.result?.content ?? []).map(part => part.text ?? `[${part.type}]`).join('\n');
}

// An item as an entry of the transcript: {kind, label, text, code, output, state, tone, live}, what applies.
function itemEntry(item) {
    switch (item.type) {
    case 'agent_message': return {kind: 'message', label: 'Answer', text: item.text};
    case 'reasoning': return {kind: 'reasoning', label: 'Reasoning', text: item.text};
    case 'command_execution':
        return {kind: 'command', label: 'Command', code: item.command, output: item.aggregated_output, ...stateOf(item)};
    case 'file_change':
        return {kind: 'files', label: 'Files', ...stateOf(item),
                code: item.changes.map(change => `${change.kind} ${change.path}`).join('\n')};
    case 'mcp_tool_call':
        return {kind: 'tool', label: `Tool ${item.tool} of ${item.server}`, code: JSON.stringify(item.arguments),
                output: toolResult(item), ...stateOf(item)};
    case 'web_search': return {kind: 'search', label: 'Search', text: item.query};
    case 'context_compaction':
        return {kind: 'note', label: 'Summary', text: `${number(item.tokens_before)} tokens became ${number(item.tokens_after)}.`};
    case 'error': return {kind: 'note', label: 'Warning', text: item.message, tone: 'wait'};
    default: return {kind: 'note', label: item.type, text: ''};
    }
}

const inputText = input => input.map(part => part.text ?? `[${part.type}] ${part.path}`).join('\n');

const limits = {limit_requests: 'Requests', limit_tokens: 'Tokens', limit_cost: 'US dollars', limit_time: 'Seconds'};

// What an event that is no item adds to the transcript, if anything.
function eventEntry(event) {
    switch (event.type) {
    case 'input.accepted': return {kind: 'input', label: 'You', text: event.continue ? 'Go on.' : inputText(event.input)};
    case 'turn.completed': return {kind: 'ending', label: event.refusal ? 'The model declined' : 'Turn completed'};
    case 'turn.failed':
        return {kind: 'ending', label: 'Turn ended', text: event.error.message, state: event.error.code, tone: 'bad'};
    case 'error': return {kind: 'note', label: 'Error', text: event.message, tone: 'bad'};
    case 'hook.decided':
        return {kind: 'note', label: `Hook: ${event.decision}`, text: [event.what, event.reason].filter(Boolean).join(': ')};
    case 'limit.warning':
        return {kind: 'note', label: 'A limit is near', text: `${limits[event.limit]}: ${number(event.used)} of ${number(event.max)}`, tone: 'wait'};
    case 'limit.reached': return {kind: 'note', label: 'A limit is reached', text: event.message, tone: 'bad'};
    case 'wait.started':
        return {kind: 'note', label: `Waiting for ${event.for.replace('_', ' ')}`, text: event.retry_at ? `until ${moment(event.retry_at)}` : event.message, tone: 'wait'};
    case 'session.closed': return {kind: 'ending', label: 'Session closed', text: event.reason};
    default: return null;
    }
}

// The transcript of a session: entries by key, in their order, and the newest plan.
class Transcript {
    entries = new Map();
    plan = [];

    // Returns the keys of the entries that the event made or changed.
    take(event) {
        const key = `${event.turn_id} ${event.item?.id ?? event.item_id}`;
        switch (event.type) {
        case 'item.delta': return this.#grow(key, 'text', event.delta);
        case 'output.delta': return this.#grow(key, 'output', event.delta);
        case 'item.started': case 'item.updated': case 'item.completed': case 'item.snapshot':
            if (event.item.type === 'todo_list') {
                this.plan = event.item.items;
                return [];
            }
            return this.#put(key, {live: event.type === 'item.snapshot', ...itemEntry(event.item)});
        case 'approval.requested':
            return this.#put(event.approval.id, {kind: 'approval', label: 'Approval', approval: event.approval, state: 'pending', tone: 'wait'});
        case 'approval.resolved':
            return this.#put(event.approval_id, {...this.entries.get(event.approval_id), kind: 'approval', label: 'Approval',
                state: `${event.decision} by ${event.by}`, tone: /allow|rewrite/.test(event.decision) ? 'good' : 'bad'});
        }
        const entry = eventEntry(event);
        const settled = /^(turn\.(completed|failed)|error)$/.test(event.type) ? this.#settle(event.type === 'error') : [];
        return entry ? [...settled, ...this.#put(`seq ${event.seq}`, entry)] : settled;
    }

    #put(key, entry) {
        this.entries.set(key, entry);
        return [key];
    }

    #grow(key, member, delta) {
        const entry = this.entries.get(key) ?? {kind: 'message', label: 'Answer', live: true};
        return this.#put(key, {...entry, [member]: ((entry[member] ?? '') + delta).slice(-longestOutput)});
    }

    // Nothing is under way any more. A message that an error cut off is told anew from its beginning.
    #settle(again) {
        const live = [...this.entries.keys()].filter(key => this.entries.get(key).live);
        for (const key of live) {
            const entry = this.entries.get(key);
            this.entries.set(key, {...entry, live: false, text: again && entry.kind === 'message' ? '' : entry.text});
        }
        return live;
    }
}

const tones = {running: 'busy', queued: 'busy', waiting: 'wait', idle: 'good'};
const statusText = session => session.waiting_for ? `waiting for ${session.waiting_for.replace('_', ' ')}` : session.status;
const titleOf = session => session.title || `Session of ${moment(session.created_at)}`;

function usageText(usage) {
    const cost = usage.cost_usd === undefined ? [] : [`$${usage.cost_usd.toFixed(4)}`];
    return [`${number(usage.requests)} ${usage.requests === 1 ? 'request' : 'requests'}`, `${number(usage.input_tokens)} tokens in (${number(usage.cached_tokens)} cached)`,
            `${number(usage.output_tokens)} out`, ...cost].join(' · ');
}

// The body that starts a session, from the form's fields; what is left empty is left to the service's settings.
function startBody({wait, ...fields}) {
    const given = Object.entries(fields).filter(([, value]) => value !== '');
    const approval = wait ? {approval: {policy: 'on-request', wait_s: Number(wait)}} : {};
    return {title: firstLine(fields.input), ...Object.fromEntries(given), ...approval};
}

// ---- How it looks ----

const at = id => document.getElementById(id);

// Strings among the children become text.
function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children.filter(child => child !== undefined && child !== ''));
    return made;
}

function entryElement(entry) {
    const children = [element('div', {class: 'kind'}, element('span', {}, entry.label),
                              element('span', {'data-tone': entry.tone}, entry.state))];
    if (entry.text) children.push(element('p', {class: 'text'}, entry.text));
    if (entry.code) children.push(element('pre', {class: 'code'}, entry.code));
    if (entry.output) children.push(element('pre', {class: 'code output'}, entry.output.slice(-longestOutput)));
    if (entry.approval) children.push(...approvalParts(entry.approval, entry.state === 'pending'));
    const busy = entry.live ? 'true' : undefined; // is read out when it is whole
    return element('article', {class: `entry ${entry.kind}`, 'aria-busy': busy}, ...children);
}

function approvalParts(approval, pending) {
    const what = approval.command ?? approval.files?.join('\n') ?? `${approval.tool} ${JSON.stringify(approval.arguments ?? {})}`;
    const parts = [element('p', {class: 'text'}, approval.reason), element('pre', {class: 'code'}, what)];
    const where = [approval.cwd && `in ${approval.cwd}`, approval.expires_at && `until ${moment(approval.expires_at)}`];
    parts.push(element('p', {class: 'faint'}, where.filter(Boolean).join(', ')));
    return pending ? [...parts, approvalForm(approval)] : parts;
}

function approvalForm(approval) {
    const named = (label, input) => element('label', {}, label, input);
    const message = element('input', {autocomplete: 'off'});
    const command = element('textarea', {rows: 2, spellcheck: 'false'});
    const scope = element('select', {}, element('option', {value: 'once'}, 'this once'),
                          element('option', {value: 'session'}, 'for the whole session'));
    const form = element('form', {'aria-label': 'Decision'});
    form.onsubmit = event => event.preventDefault(); // Enter in a field decides nothing
    const button = (label, look, body) => {
        const made = element('button', {type: 'button', class: look}, label);
        made.onclick = () => attempt(form, () => decide(approval.id, {...body(), ...(message.value && {message: message.value})}));
        return made;
    };
    const buttons = [button('Allow', '', () => ({decision: 'allow', scope: scope.value})),
                     button('Deny', 'danger', () => ({decision: 'deny', scope: 'once'}))];
    form.append(named('Allow ', scope), named('A word to the model, if you like ', message));
    if (approval.command !== undefined) {
        command.value = approval.command;
        form.append(named('Or run this instead ', command));
        buttons.push(button('Run this instead', 'quiet', () => ({decision: 'rewrite', scope: 'once', command: command.value})));
    }
    form.append(element('div', {class: 'row'}, ...buttons));
    return form;
}

function mark(link, isCurrent) {
    isCurrent ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current');
}

function fillLink(link, session) {
    link.replaceChildren(element('strong', {}, titleOf(session)),
                         element('span', {class: 'badge', 'data-tone': tones[session.status]}, statusText(session)),
                         element('span', {class: 'faint'}, ` ${moment(session.updated_at)}`));
}

// Links stay where they are while what they say changes: one of them may have the focus.
function drawList(list, sessions, currentId) {
    const links = new Map([...list.children].map(row => [row.firstChild.hash, row]));
    sessions.forEach((session, i) => {
        const hash = `#/session/${session.id}`;
        const row = links.get(hash) ?? element('li', {}, element('a', {href: hash}));
        fillLink(row.firstChild, session);
        mark(row.firstChild, session.id === currentId);
        if (list.children[i] !== row) list.insertBefore(row, list.children[i] ?? null);
    });
    while (list.children.length > sessions.length) list.lastChild.remove();
}

function diffLine(line) {
    const tone = /^(\+\+\+|---|diff|index)/.test(line) ? undefined : {'+': 'good', '-': 'bad', '@': 'busy'}[line[0]];
    return element('span', {'data-tone': tone}, `${line}\n`);
}

function say(text) {
    at('problem').textContent = text;
    at('problem').hidden = text === '';
}

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
function soon(work) {
    let timer;
    return () => { timer ??= setTimeout(() => { timer = undefined; work().catch(fail); }, 150); };
}

// ---- The views ----

let current = {view: '', id: ''};    // what is shown
let open = new AbortController();    // ends what the view follows
let cursor = {}, transcript, shown;  // of the session that is shown
let listed = 30;                     // sessions in the list
let changed = new Set();             // keys of entries to be drawn with the next frame

async function showSessions() {
    if (current.view === 'token') return;
    const {data, next} = await read(`/v1/sessions?limit=${listed}`, open.signal);
    drawList(at('sessions'), data, current.id);
    at('none').hidden = data.length > 0;
    at('more').hidden = !next || listed >= 500;
    const pending = data.reduce((sum, session) => sum + session.pending_approvals, 0);
    at('pending').textContent = pending;
    at('pending').hidden = pending === 0;
    if (current.view === 'approvals') await showApprovals();
}

async function showApprovals() {
    const {data} = await read('/v1/approvals?status=pending', open.signal);
    const cards = new Map([...at('inbox').querySelectorAll('article')].map(card => [card.dataset.id, card]));
    const card = approval => element('article', {class: 'entry approval', 'data-id': approval.id},
        element('a', {href: `#/session/${approval.session_id ?? approval.session}`}, 'Its session'), ...approvalParts(approval, true));
    // A card that is there stays: somebody may be writing in it.
    const wanted = data.map(approval => cards.get(approval.id) ?? card(approval));
    for (const [id, each] of cards) {
        if (!data.some(approval => approval.id === id)) each.remove();
    }
    at('inbox').querySelector('p')?.remove();
    at('inbox').append(...wanted.filter(each => !each.isConnected));
    if (!data.length) at('inbox').append(element('p', {class: 'faint'}, 'Nobody waits for you.'));
}

async function showSession() {
    if (current.view !== 'session') return;
    const session = await read(`/v1/sessions/${current.id}`, open.signal);
    const busy = ['running', 'waiting', 'queued'].includes(session.status);
    at('title-session').textContent = document.title = titleOf(session);
    if (at('status').textContent !== statusText(session)) at('status').textContent = statusText(session);
    at('status').dataset.tone = tones[session.status] ?? '';
    at('cancel').hidden = !busy;
    at('title').defaultValue = session.title; // of a field that somebody writes in, the value stays
    at('facts').textContent = [session.cwd, session.provider, session.model, session.sandbox].filter(Boolean).join(' · ');
    at('usage').textContent = usageText(session.usage);
    at('send-form').hidden = session.status === 'closed';
    const {data: turns} = await read(`/v1/sessions/${current.id}/turns?limit=500`, open.signal);
    drawForkPoints(turns);
    at('changes').hidden = changedFiles(turns).length === 0;
    if (at('changes').open && !at('changes').hidden) await showDiff();
}

const changedFiles = turns => [...new Set(turns.flatMap(turn => turn.files_changed))];

// The list stays as it is while it says the same: somebody may be choosing.
function drawForkPoints(turns) {
    const list = at('fork-turn'), points = turns.filter(turn => turn.status === 'done' && turn.started_at);
    if (list.dataset.session === current.id && list.options.length === points.length + 1) return;
    list.dataset.session = current.id;
    list.replaceChildren(element('option', {value: ''}, 'all of it'), ...points.map(turn =>
        element('option', {value: turn.id}, `turn ${turn.number}: ${firstLine(turn.result?.text ?? turn.reason)}`)));
}

function askBeforeDeleting(asks) {
    at('delete').hidden = asks;
    at('delete-question').hidden = !asks;
}

async function deleteSession() {
    await send(`/v1/sessions/${current.id}?force=1`, {method: 'DELETE'}, 'application/json');
    location.hash = '#/';
}

// Their names, at least.
async function changedNames() {
    const {data} = await read(`/v1/sessions/${current.id}/turns?limit=500`, open.signal);
    return changedFiles(data).join('\n');
}

async function showDiff() {
    const diff = await send(`/v1/sessions/${current.id}/diff`, {signal: open.signal}, 'text/x-diff').catch(error => {
        if (error.status !== 404) throw error;
    });
    const lines = diff ? (await diff.text()).split('\n').map(diffLine) : [await changedNames()];
    at('diff').replaceChildren(...lines);
}

const refreshSessions = soon(showSessions), refreshSession = soon(showSession);

function onSessionEvent(type, event) {
    if (type === 'reset') return clearTranscript();
    if (changed.size === 0) requestAnimationFrame(draw);
    changed.add(''); // the plan
    for (const key of transcript.take(event)) changed.add(key);
    if (/^(turn|session|approval|input|wait)\./.test(type)) refreshSession();
}

function draw() {
    const page = document.documentElement, below = page.scrollHeight - scrollY - innerHeight;
    for (const key of changed) {
        const entry = transcript.entries.get(key);
        if (!entry) continue;
        const made = entryElement(entry);
        shown.has(key) ? shown.get(key).replaceWith(made) : at('transcript').append(made);
        shown.set(key, made);
        const output = made.querySelector('.output');
        if (output && entry.live) output.scrollTop = output.scrollHeight;
    }
    changed.clear();
    at('plan').hidden = transcript.plan.length === 0;
    at('plan').querySelector('ul').replaceChildren(...transcript.plan.map(step =>
        element('li', {}, `${step.completed ? '✓' : '○'} ${step.text}`)));
    if (below < 80) scrollTo(0, page.scrollHeight); // who looked at the end goes on looking at it
}

function clearTranscript() {
    transcript = new Transcript();
    shown = new Map();
    changed.clear();
    at('transcript').replaceChildren();
}

function startFollowing() {
    open.abort();
    if (current.view === 'token' || document.hidden) return; // browsers open six connections to a service, for all tabs
    open = new AbortController();
    refreshSessions();
    follow('/v1/events?types=snapshot,session.*,turn.*,approval.*', {}, open.signal, refreshSessions);
    if (current.view !== 'session') return;
    refreshSession();
    follow(`/v1/sessions/${current.id}/events`, cursor, open.signal, onSessionEvent);
}

function show(view, id = '') {
    current = {view, id};
    document.body.dataset.view = view;
    for (const section of document.querySelectorAll('main > section')) section.hidden = section.id !== `view-${view}`;
    for (const link of document.querySelectorAll('nav a')) mark(link, link.hash === (location.hash || '#/'));
    if (view === 'session') {
        cursor = {};
        clearTranscript();
        at('changes').open = at('manage').open = false;
        askBeforeDeleting(false);
    }
    document.title = view === 'approvals' ? 'Approvals – nightshift' : 'nightshift';
    (view === 'token' ? at('token') : at(`title-${view}`)).focus();
    startFollowing();
}

function askForToken() {
    const wrong = sessionStorage.getItem('token') !== null;
    sessionStorage.removeItem('token');
    say(wrong ? 'The service does not know this token, or no longer: it needs another one.' : '');
    show('token');
}

// The fragment says what is shown; one with a token is taken and forgotten.
function navigate() {
    const given = /^#token=(.+)$/.exec(location.hash);
    if (given) {
        sessionStorage.setItem('token', decodeURIComponent(given[1]));
        history.replaceState(null, '', `${location.pathname}#/`);
    }
    say('');
    const [, view, id] = location.hash.split('/');
    if (sessionStorage.getItem('token') === null) askForToken();
    else if (view === 'session' && id) show('session', encodeURIComponent(id));
    else show(view === 'approvals' ? 'approvals' : 'sessions');
}

// A form whose submission is one piece of work, however often it is sent.
function onSubmit(form, work) {
    let key = newKey();
    form.addEventListener('input', () => { key = newKey(); });
    form.addEventListener('keydown', event => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener('submit', event => {
        event.preventDefault();
        attempt(form, async () => {
            await work(Object.fromEntries(new FormData(form)), key);
            form.reset();
            key = newKey();
        });
    });
}

onSubmit(at('token-form'), async () => {
    sessionStorage.setItem('token', at('token').value.trim());
    navigate();
});
onSubmit(at('start-form'), async (fields, key) => {
    const session = await write('/v1/sessions', startBody(fields), key);
    location.hash = `#/session/${session.id}`;
});
onSubmit(at('send-form'), (fields, key) => write(`/v1/sessions/${current.id}/turns`, fields, key));
onSubmit(at('rename-form'), fields => write(`/v1/sessions/${current.id}`, fields, undefined, 'PATCH'));
onSubmit(at('fork-form'), async ({at_turn}, key) => {
    const session = await write(`/v1/sessions/${current.id}/fork`, at_turn ? {at_turn} : {}, key);
    location.hash = `#/session/${session.id}`;
});
at('delete').onclick = () => { askBeforeDeleting(true); at('delete-no').focus(); };
at('delete-no').onclick = () => { askBeforeDeleting(false); at('delete').focus(); };
at('delete-yes').onclick = () => attempt(at('delete-question'), deleteSession);
at('cancel').onclick = () => attempt(at('cancel').parentElement, () => write(`/v1/sessions/${current.id}/cancel`, {queued: true}));
at('changes').ontoggle = () => { if (at('changes').open) showDiff().catch(fail); };
at('more').onclick = () => { listed += 70; refreshSessions(); };
at('forget').onclick = () => { sessionStorage.clear(); navigate(); };
addEventListener('hashchange', navigate);
document.addEventListener('visibilitychange', startFollowing);
navigate();
