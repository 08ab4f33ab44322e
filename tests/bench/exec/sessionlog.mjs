// A session log of 50 MB in the reference's shape, as it writes them itself: turns with one command each, every item
// once for the model and once for the reader. Compacted: after the bulk a compaction record, then one more turn.
import fs from 'node:fs';
import path from 'node:path';
import { texts } from './loads.mjs';

export const sessionId = '019bbf00-0000-7000-8000-000000000001';
const time = new Date('2026-01-15T10:00:00Z');
const bulkBytes = 50e6;

const printedBy = n =>
    Array.from({ length: 160 }, (_, i) => `src/part${n}/file${i}.cpp:${i * 7}: "value" = ${n * i}\n`).join('');
const toModel = printed =>
    `Chunk ID: 00c0de\nWall time: 0.0030 seconds\nProcess exited with code 0\nOutput:\n${printed}`;
const prose = n => `${n % 2 ? 'It is' : 'It was'} as expected; nothing else depends on part ${n}. `.repeat(30);

const text = (role, id, words) => ({
    ...{ type: 'message', id, role },
    content: [{ type: role === 'user' ? 'input_text' : 'output_text', text: words }],
});

function* turn(cwd, n, question, answer, printed) {
    const turn_id = `019bbf00-0000-7000-9000-${String(n).padStart(12, '0')}`;
    const ids = { turn_id, root_turn_id: turn_id };
    const call_id = `call_${n}`;
    const cmd = `grep -rn value src/part${n}`;
    const event = (type, fields) => ['event_msg', { type, ...fields }];
    const item = it => ['response_item', { ...it, internal_chat_message_metadata_passthrough: { turn_id } }];
    const completed = it => event('item_completed', { thread_id: sessionId, turn_id, item: it });
    const context = { cwd, approval_policy: 'never', model: 'gpt-5.5', sandbox_policy: { type: 'read-only' } };
    const ran = { command: ['/bin/bash', '-lc', cmd], cwd: `file://${cwd}`, parsed_cmd: [], source: 'agent' };
    const ended = { aggregated_output: printed, exit_code: 0, duration: { secs: 0, nanos: 3000000 } };
    const usage = {
        ...{ input_tokens: 1000, cached_input_tokens: 600, output_tokens: 50 },
        ...{ reasoning_output_tokens: 10, total_tokens: 1050 },
    };
    const info = { total_token_usage: usage, last_token_usage: usage, model_context_window: 258400 };

    yield event('task_started', { ...ids, started_at: time / 1000, model_context_window: 258400 });
    yield ['turn_context', { ...ids, ...context, summary: 'none' }];
    yield item(text('user', `msg_u${n}`, question));
    yield completed({ type: 'UserMessage', id: `u${n}`, content: [{ type: 'text', text: question }] });
    yield item({
        type: 'function_call',
        id: `fc_${n}`,
        name: 'exec_command',
        arguments: JSON.stringify({ cmd }),
        call_id,
    });
    yield completed({ type: 'CommandExecution', id: call_id, ...ran, ...ended, status: 'completed' });
    yield item({ type: 'function_call_output', id: `fco_${n}`, call_id, output: toModel(printed) });
    yield completed({ type: 'AgentMessage', id: `msg_a${n}`, content: [{ type: 'Text', text: answer }] });
    yield item(text('assistant', `msg_a${n}`, answer));
    yield event('token_count', { info, rate_limits: null });
    yield event('task_complete', { ...ids, last_agent_message: answer, duration_ms: 1000 });
}

const compaction = [
    'compacted',
    {
        message: texts.summary,
        replacement_history: [texts.firstQuestion, texts.summary].map((words, n) => text('user', `msg_r${n}`, words)),
        window_number: 1,
    },
];

const opening = cwd => [
    'session_meta',
    {
        ...{ session_id: sessionId, id: sessionId, timestamp: time.toISOString(), cwd, runtime_workspace_roots: [cwd] },
        ...{ originator: 'codex_exec', cli_version: '0.169.0', source: 'exec', thread_source: 'user' },
        ...{ model_provider: 'bench', base_instructions: { text: 'You are a coding agent.' } },
        ...{ history_mode: 'paginated', git: {} },
    },
];

/// Writes the log of a session in `cwd` into a settings folder of the reference's layout, `home`/.codex.
export function writeSessionLog(home, cwd, compacted) {
    const folder = path.join(home, '.codex/sessions/2026/01/15');
    fs.mkdirSync(folder, { recursive: true });
    const file = fs.openSync(path.join(folder, `rollout-2026-01-15T10-00-00-${sessionId}.jsonl`), 'w');
    let ordinal = 0;
    let written = 0;
    const write = ([type, payload]) => {
        const line = { timestamp: time.toISOString(), ordinal: ordinal++, type, payload };
        written += fs.writeSync(file, `${JSON.stringify(line)}\n`);
    };

    write(opening(cwd));
    for (let n = 0; written < bulkBytes; ++n) {
        const [question, answer] = n ? [`question ${n}`, prose(n)] : [texts.firstQuestion, texts.earlyAnswer];
        for (const line of turn(cwd, n, question, answer, printedBy(n))) write(line);
    }
    if (compacted) write(compaction);
    for (const line of turn(cwd, 1e6, 'the last question', texts.lastAnswer, 'nothing\n')) write(line);
    fs.closeSync(file);
}
