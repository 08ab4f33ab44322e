// ---- How it looks: text goes in as text, never as HTML ----

const at = id => document.getElementById(id);

// Characters that turn the order of their neighbours around, or hide text, are spelled out wherever text is shown; in
// what somebody decides by, so is everything else that has no shape of its own. The same tables as in showntext.cpp.
const deceptive = /[\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
const shapeless = /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c-\u200f\u3164\ufe00-\ufe0f\uffa0]/gu;
const spelledOut = c => `<U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;
const printable = text => String(text).replace(deceptive, spelledOut);
const revealed = text => printable(text).replace(shapeless, spelledOut);

// Strings among the children become text.
function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children.filter(child => child !== undefined && child !== '').map(child => typeof child === 'string' ? printable(child) : child));
    return made;
}

function entryElement(entry) {
    const children = [element('div', {class: 'kind'}, element('span', {}, revealed(entry.label)),
                              element('span', {'data-tone': entry.tone}, entry.state))];
    if (entry.text) children.push(element('p', {class: 'text'}, entry.text));
    if (entry.code) children.push(element('pre', {class: 'code'}, revealed(entry.code)));
    if (entry.output) children.push(element('pre', {class: 'code output'}, entry.output.slice(-longestOutput)));
    if (entry.approval) children.push(...approvalParts(entry.approval, entry.state === 'pending'));
    const busy = entry.live ? 'true' : undefined; // is read out when it is whole
    return element('article', {class: `entry ${entry.kind}`, 'aria-busy': busy}, ...children);
}

function approvalParts(approval, pending) {
    const what = approval.command ?? approval.files?.join('\n') ?? `${approval.tool} ${JSON.stringify(approval.arguments ?? {})}`;
    const parts = [element('p', {class: 'text'}, approval.reason && revealed(approval.reason)), element('pre', {class: 'code'}, revealed(what))];
    const where = [approval.cwd && `in ${revealed(approval.cwd)}`, approval.expires_at && `until ${moment(approval.expires_at)}`];
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
    link.replaceChildren(element('strong', {}, revealed(titleOf(session))),
                         element('span', {class: 'badge', 'data-tone': tones[session.status]}, statusText(session)),
                         element('span', {class: 'faint'}, ` ${moment(session.updated_at)}`));
}

// Rows stay where they are while what they say changes: one of them may have the focus. One without a place to go to
// is no link.
function drawRows(list, entries, keyOf, hashOf, fill) {
    const rows = new Map([...list.children].map(row => [row.dataset.key, row]));
    entries.forEach((entry, i) => {
        const key = keyOf(entry), hash = hashOf(entry) || undefined;
        const row = rows.get(key) ?? element('li', {'data-key': key}, element('div', {}));
        if (row.firstChild.getAttribute('href') !== (hash ?? null))
            row.replaceChildren(element(hash ? 'a' : 'div', {href: hash}));
        fill(row.firstChild, entry);
        if (list.children[i] !== row) list.insertBefore(row, list.children[i] ?? null);
    });
    while (list.children.length > entries.length) list.lastChild.remove();
}

function diffLine(line) {
    const tone = /^(\+\+\+|---|diff|index)/.test(line) ? undefined : {'+': 'good', '-': 'bad', '@': 'busy'}[line[0]];
    return element('span', {'data-tone': tone}, `${revealed(line)}\n`);
}

function say(text) {
    at('problem').textContent = printable(text);
    at('problem').hidden = text === '';
}
