// The page of `nightshift serve`: what sessions and batches do, live, and how to start, steer, cancel and approve.
// It is handed out as one script, made of these: what events mean, how it looks, the wire, batches, the views.
'use strict';

// ---- What events mean ----

const longestOutput = 64 * 1024; // characters of a command's output that stay on the page

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

const limits = {limit_requests: 'Requests', limit_tokens: 'Tokens', limit_cost: 'US dollars', limit_time: 'Seconds', limit_idle: 'Seconds'};

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
    const requests = usage.requests === undefined ? [] : [`${number(usage.requests)} ${usage.requests === 1 ? 'request' : 'requests'}`];
    return [...requests, `${number(usage.input_tokens)} tokens in (${number(usage.cached_tokens)} cached)`,
            `${number(usage.output_tokens)} out`, ...cost].join(' · ');
}

// The body that starts a session, from the form's fields; what is left empty is left to the service's settings.
function startBody({wait, ...fields}) {
    const given = Object.entries(fields).filter(([, value]) => value !== '');
    const approval = wait ? {approval: {policy: 'on-request', wait_s: Number(wait)}} : {};
    return {title: firstLine(fields.input), ...Object.fromEntries(given), ...approval};
}
