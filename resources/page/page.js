// ---- The views ----

let current = {view: '', id: ''};    // what is shown
let open = new AbortController();    // ends what the view follows
let cursor = {}, transcript, shown;  // of the session or batch that is shown
let listed = 30;                     // sessions in the list
let changed = new Set();             // keys of entries to be drawn with the next frame

async function showSessions() {
    if (current.view === 'token') return;
    const {data, next} = await read(`/v1/sessions?limit=${listed}`, open.signal);
    drawRows(at('sessions'), data, session => session.id, session => `#/session/${session.id}`, (link, session) => {
        fillLink(link, session);
        mark(link, session.id === current.id);
    });
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
    at('title-session').textContent = document.title = revealed(titleOf(session));
    if (at('status').textContent !== statusText(session)) at('status').textContent = statusText(session);
    at('status').dataset.tone = tones[session.status] ?? '';
    at('cancel').hidden = !busy;
    at('title').defaultValue = session.title; // of a field that somebody writes in, the value stays
    at('facts').textContent = revealed([session.cwd, session.provider, session.model, session.sandbox].filter(Boolean).join(' · '));
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

function onChange(type) {
    if (/^(snapshot$|batch\.)/.test(type)) refreshBatches();
    if (!type.startsWith('batch.')) refreshSessions();
}

function startFollowing() {
    open.abort();
    if (current.view === 'token' || document.hidden) return; // browsers open six connections to a service, for all tabs
    open = new AbortController();
    refreshSessions();
    refreshBatches();
    follow('/v1/events?types=snapshot,session.*,turn.*,approval.*,batch.*', {}, open.signal, onChange);
    if (current.view === 'batch') followBatch();
    if (current.view !== 'session') return;
    refreshSession();
    follow(`/v1/sessions/${current.id}/events`, cursor, open.signal, onSessionEvent);
}

function show(view, id = '') {
    current = {view, id};
    document.body.dataset.view = view;
    for (const section of document.querySelectorAll('main > section')) section.hidden = section.id !== `view-${view}`;
    for (const link of document.querySelectorAll('nav a')) mark(link, link.hash === (location.hash || '#/'));
    cursor = {};
    listedItems = 100;
    if (view === 'session') {
        clearTranscript();
        at('changes').open = at('manage').open = false;
        askBeforeDeleting(false);
    }
    document.title = {approvals: 'Approvals – nightshift', batches: 'Batches – nightshift'}[view] ?? 'nightshift';
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
    else if (['session', 'batch'].includes(view) && id) show(view, encodeURIComponent(id));
    else show(['approvals', 'batches'].includes(view) ? view : 'sessions');
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
listenToBatches();
at('forget').onclick = () => { sessionStorage.clear(); navigate(); };
addEventListener('hashchange', navigate);
document.addEventListener('visibilitychange', startFollowing);
navigate();
