/// A log of one turn as a run writes it, and its file's name; `n` tells sessions apart.
export function logOf(time, n, cwd) {
  const stamp = time.toISOString();
  const id = `01a0${n.toString(16).padStart(4, '0').slice(-4)}-${n.toString(16).padStart(8, '0').slice(0, 4)}-7000-8000-` +
      n.toString(16).padStart(12, '0');
  const line = (ordinal, type, payload) => JSON.stringify({timestamp: stamp, ordinal, type, payload}) + '\n';
  const said = (role, type, text) => ({type: 'message', role, content: [{type, text}]});
  const text = line(0, 'session_meta', {id, session_id: id, timestamp: stamp, cwd, originator: 'codex_exec',
      cli_version: '0.1.0', source: 'exec', thread_source: 'user', model_provider: 'mine'}) +
    line(1, 'turn_context', {turn_id: id, cwd, approval_policy: 'never', sandbox_policy: {type: 'read-only'},
      model: 'm'}) +
    line(2, 'event_msg', {type: 'task_started', turn_id: id, model_context_window: null}) +
    line(3, 'response_item', said('user', 'input_text', `Find out why test ${n} fails`)) +
    line(4, 'event_msg', {type: 'user_message', message: `Find out why test ${n} fails`}) +
    line(5, 'response_item', said('assistant', 'output_text', 'It does not.')) +
    line(6, 'event_msg', {type: 'agent_message', message: 'It does not.'}) +
    line(7, 'event_msg', {type: 'task_complete', turn_id: id, last_agent_message: 'It does not.', duration_ms: 9});
  return {name: `rollout-${stamp.slice(0, 19).replaceAll(':', '-')}-${id}.jsonl`, text};
}
