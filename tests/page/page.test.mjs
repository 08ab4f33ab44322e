// The page of `nightshift serve` as a user meets it: in Chromium, against the built program.
//     NIGHTSHIFT_PROGRAM=…/nightshift node tests/page/page.test.mjs
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {after, afterEach, before, beforeEach, test} from 'node:test';
import {command, fails, message, ModelServer, reasoning} from '../sdk/modelserver.mjs';
import {Browser, keys, missing, until} from './browser.mjs';

if (missing.length) {
    console.log(`skipped: ${missing.join(' and ')} not installed`);
    process.exit(77);
}

let browser, chrome, model, root, service;

before(async () => {
    chrome = fs.mkdtempSync(path.join(os.tmpdir(), 'nightshift-chromium-'));
    browser = await Browser.start(chrome);
});
after(async () => {
    await browser.stop();
    fs.rmSync(chrome, {recursive: true, force: true, maxRetries: 5});
});

beforeEach(async () => {
    model = await ModelServer.start();
    root = fs.mkdtempSync(path.join(os.homedir(), 'nightshift-page-')); // not in /tmp, which is a writable root
    for (const folder of ['work', 'home', 'state']) fs.mkdirSync(path.join(root, folder));
    fs.writeFileSync(path.join(root, 'state/config.toml'), `
model = "gpt-5.5"
model_provider = "mock"
[model_providers.mock]
name = "mock"
base_url = "${model.url}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`);
    execFileSync('git', ['init', '-q', '-b', 'main', path.join(root, 'work')]);
    service = await serve('127.0.0.1:0');
});
afterEach(async () => {
    await browser.go('about:blank');
    await stop(service, 'SIGKILL');
    model.close();
    fs.rmSync(root, {recursive: true, force: true});
});

/// The service, and the address that it says the page has.
async function serve(address) {
    const environment = {PATH: process.env.PATH, HOME: path.join(root, 'home'), CODEX_HOME: path.join(root, 'state'), XDG_RUNTIME_DIR: root};
    const child = spawn(process.env.NIGHTSHIFT_PROGRAM, ['serve', '--listen', address, '--open'],
                        {cwd: path.join(root, 'work'), env: environment, stdio: ['ignore', 'ignore', 'pipe']});
    let said = '';
    child.stderr.on('data', data => { said += data; });
    const [, origin, token] = await until('the service says where its page is', () => {
        if (child.exitCode !== null) throw new Error(`the service ended: ${said}`);
        return /open (http:\S+)\/#token=(\S+)/.exec(said);
    });
    return {child, origin, token, url: `${origin}/#token=${token}`};
}
async function stop({child}, signal) {
    child.kill(signal);
    await until('the service has ended', () => child.exitCode !== null || child.signalCode !== null);
}

/// Errors and refusals by the page's policy; what the network did only where a test asks for it.
async function complaints() {
    return (await browser.log()).filter(entry => entry.level === 'SEVERE' && entry.source !== 'network').map(entry => entry.message);
}
async function startSession(prompt, ...options) {
    await browser.go(service.url);
    await browser.write('What is to be done?', prompt);
    if (options.length) await browser.click('Options');
    for (const option of options) await browser.choose(option);
    await browser.click('Start');
}
const entries = () => browser.run(`return [...document.querySelectorAll('#transcript .entry')]
    .map(entry => entry.innerText.replace(/\\s+/g, ' ').trim())`);

test('asks for a token, and for another one when it is wrong', async () => {
    await browser.go(`${service.origin}/`);
    await browser.write('Token', 'wrong');
    await browser.click('Go on');
    await browser.shows('The service does not know this token');
    await browser.write('Token', service.token);
    await browser.click('Go on');
    await browser.shows('There are none yet.');
    assert.deepEqual(await complaints(), []);
});

test('takes the token out of the address', async () => {
    await browser.go(service.url);
    await browser.shows('There are none yet.');
    assert.equal(await browser.run('return location.href'), `${service.origin}/#/`);
    await browser.click('Sign out');
    await browser.shows('Who are you?');
    assert.deepEqual(await complaints(), []);
});

test('shows a session from its start to its end, and the turn after it', async () => {
    model.play([reasoning('Let me look.'), command('echo printed by a command; exit 3')], [message('First answer.')], [message('Second answer.')]);
    await startSession('Look around');
    await browser.shows('First answer.');
    await browser.shows('idle');
    await browser.write('Your next message', 'And now?');
    await browser.click('Send');
    await browser.shows('Second answer.');
    await until('the second turn has ended', async () => (await entries()).length === 8);
    assert.deepEqual(await entries(), [
        'You Look around', 'Reasoning Let me look.',
        "Command exit code 3 /bin/bash -lc 'echo printed by a command; exit 3' printed by a command",
        'Answer First answer.', 'Turn completed', 'You And now?', 'Answer Second answer.', 'Turn completed']);
    await browser.shows('3 requests · 3,000 tokens in (1,800 cached) · 150 out');
    await browser.click('Sessions');
    await browser.shows('New session');
    await browser.click('Look around');
    await until('all is there again', async () => (await entries()).length === 8);
    assert.deepEqual(await complaints(), []);
});

test('shows what others wrote as text', async () => {
    const hostile = `<img src=x onerror="window.hacked = 1"><script>window.hacked = 2</script>`;
    model.play([reasoning(hostile), command(`echo '${hostile}'`)], [message(hostile)]);
    await startSession(hostile);
    await browser.shows('Turn completed');
    await browser.click('Sessions');
    await browser.shows('New session');
    assert.equal(await browser.run('return window.hacked ?? document.querySelectorAll("body img, body script").length'), 0);
    assert.equal((await entries()).filter(entry => entry.includes(hostile)).length, 4);
    assert.deepEqual(await complaints(), []);
});

test('cancels what runs', async () => {
    model.play([command('touch started; sleep 600')]);
    await startSession('Wait');
    await browser.shows('sleep 600');
    await browser.click('Cancel');
    await browser.shows('cancelled_by_user');
    await browser.shows('idle');
    assert.deepEqual(await complaints(), []);
});

test('lets a person allow, deny and rewrite what would leave the sandbox', async () => {
    const asking = cmd => ({...command(cmd), arguments: JSON.stringify(
        {cmd, sandbox_permissions: 'require_escalated', justification: `For ${cmd}.`})});
    model.play([asking('echo one; id -u')], [asking('echo two')], [asking('echo three')], [message('All told.')]);
    await startSession('Ask me', 'I am asked, for ten minutes');
    await browser.shows('waiting for approval');
    await browser.click('Allow');
    await browser.shows('For echo two.');
    await browser.click('Deny');
    await browser.shows('For echo three.');
    await browser.click('Approvals');
    await browser.click('Its session');
    await browser.shows('For echo three.');
    await browser.click('Approvals');
    await browser.shows('Its session');
    await browser.write('Or run this instead', 'echo instead');
    await browser.click('Run this instead');
    await browser.shows('Nobody waits for you.');
    await browser.click('Ask me');
    await browser.shows('Turn completed');
    const decisions = (await entries()).filter(entry => entry.startsWith('Approval')).map(entry => entry.split(' ')[1]);
    assert.deepEqual(decisions, ['allow', 'deny', 'rewrite']);
    assert.match((await entries()).join('\n'), /exit code 0 .*echo instead.* instead$/m);
    assert.deepEqual(await complaints(), []);
});

test('shows the plan and what was changed', async () => {
    const plan = {type: 'function_call', id: 'p1', call_id: 'p1', name: 'update_plan', arguments: JSON.stringify({plan: [
        {step: 'Write a file', status: 'completed'}, {step: 'Look at it', status: 'pending'}]})};
    model.play([plan, command("apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: new.txt\n+a new line\n*** End Patch\nEOF")],
               [message('Written.')]);
    await startSession('Write a file', 'workspace-write');
    await browser.shows('✓ Write a file\n○ Look at it');
    await browser.shows('Turn completed');
    await browser.click('Changes');
    await until('the change is shown', () => browser.run('return document.getElementById("diff").innerText.includes("new.txt")'));
    assert.match((await entries())[1], /^Files done add .*new\.txt$/);
    assert.deepEqual(await complaints(), []);
});

test('renames, forks and deletes a session', async () => {
    model.play([message('One.')], [message('Two.')], [message('Other.')]);
    await startSession('First');
    await browser.shows('One.');
    await browser.write('Your next message', 'Second');
    await browser.click('Send');
    await browser.shows('Two.');
    await browser.shows('idle');
    await browser.click('Manage this session');
    await browser.write('Title', 'A better name');
    await browser.click('Rename');
    await until('it is renamed', async () => await browser.run('return document.title') === 'A better name');
    const parent = await browser.run('return location.hash');
    await until('its turns are there', () => browser.run('return document.getElementById("fork-turn").options.length === 3'));
    await browser.choose('turn 1: One.');
    await browser.click('Fork');
    await until('the fork is shown', async () => await browser.run('return location.hash') !== parent);
    await browser.write('Your next message', 'Else');
    await browser.click('Send');
    await browser.shows('Other.');
    await browser.shows('idle');
    await browser.click('Manage this session');
    await browser.click('Delete');
    await browser.click('Keep it');
    await browser.click('Delete');
    await browser.click('Delete for good');
    await browser.shows('New session');
    await until('one is left', async () => await browser.run('return document.querySelectorAll("#sessions li").length') === 1);
    assert.equal(await browser.run('return document.querySelector("#sessions a").hash'), parent);
    assert.deepEqual(await complaints(), []);
});

/// A batch over the service's own operations, as another program would start it.
async function startBatch(order) {
    const response = await fetch(`${service.origin}/v1/batches`, {method: 'POST', body: JSON.stringify(order),
        headers: {'Content-Type': 'application/json', Authorization: `Bearer ${service.token}`}});
    const batch = await response.json();
    assert.equal(response.status, 202, JSON.stringify(batch));
    return batch.id;
}
const items = keys => keys.map(key => ({key, vars: {word: key}}));
const rows = list => browser.run(`return [...document.querySelectorAll('#${list} li')].map(row => row.innerText.replace(/\\s+/g, ' ').trim())`);

test('follows a batch, shows what failed, and runs it again', async () => {
    model.play([message('One.')], [fails('invalid_prompt', 'not this one')], [message('Three.')], [message('Two, at last.')]);
    await browser.go(service.url);
    await browser.click('Batches');
    await browser.shows('POST /v1/batches');
    await startBatch({name: 'greetings', prompt: 'Say {{word}}', items: items(['a', 'b', 'c']), limits: {concurrency: 1}});
    await browser.shows('greetings'); // unasked
    await browser.click('greetings');
    await browser.shows('3 items: 2 succeeded, 1 failed');
    await browser.shows('completed');
    assert.deepEqual((await rows('items')).map(row => row.split(' ').slice(0, 3).join(' ')), ['a succeeded', 'b failed bad_request', 'c succeeded']);
    assert.equal(await browser.run('const bar = document.getElementById("batch-progress"); return bar.value / bar.max'), 1);
    await browser.choose('failed');
    await until('one is left', async () => (await rows('items')).length === 1);
    await browser.choose('all');
    await browser.click('Run what is missing again');
    await browser.shows('3 items: 3 succeeded');
    await until('all are there', async () => (await rows('items')).length === 3);
    await browser.click('b');
    await browser.shows('Two, at last.'); // the session of its item
    assert.deepEqual(await complaints(), []);
});

/// Tab after Tab, until that has the focus; what has it can be seen all the way.
async function tabTo(name) {
    for (let tabs = 0; tabs < 30; ++tabs) {
        await browser.type(keys.tab);
        const here = await browser.focus();
        assert.ok(here.visible, here.name);
        if (here.name === name) return;
    }
    assert.fail(`no Tab leads to ${name}`);
}
const ways = {
    'with the mouse': name => browser.click(name),
    'with the keyboard alone': async name => { await tabTo(name); await browser.type(keys.enter); },
};
for (const [way, press] of Object.entries(ways)) test(`pauses a batch and cancels it ${way}`, async () => {
    model.play([command('touch started; sleep 600')]);
    await browser.go(service.url);
    await browser.shows('There are none yet.'); // it has its token: the next address could overtake the one that gives it
    const id = await startBatch({name: 'long', prompt: 'Say {{word}}', items: items(['a', 'b']), limits: {concurrency: 1}});
    await browser.go(`${service.origin}/#/batch/${id}`);
    await browser.shows('1 running, 1 queued');
    await press('Pause');
    await browser.shows('paused');
    await press('Go on');
    await browser.shows('Finish what runs, then stop');
    await press('Cancel now');
    await browser.shows('cancelled');
    await browser.shows('Run what is missing again');
    assert.equal((await rows('items')).filter(row => row.endsWith('cancelled')).length, 2);
    assert.deepEqual(await complaints(), []);
});

test('can be used with the keyboard alone', async () => {
    model.play([message('Heard.')], [message('Heard again.')]);
    await browser.go(service.url);
    await browser.shows('There are none yet.');
    const way = [];
    for (let i = 0; i < 6; ++i) {
        await browser.type(keys.tab);
        way.push(await browser.focus());
    }
    assert.deepEqual(way, ['What is to be done?', 'Options', 'Start', '', 'nightshift', 'Sessions'].map(name => ({name, visible: true})));
    await browser.run('document.getElementById("title-sessions").focus()');
    await browser.type(keys.tab, ...'Hello');
    await browser.type(keys.tab, keys.tab, keys.enter);
    await browser.shows('Turn completed');
    await until('the title of what is shown now has the focus', async () => (await browser.focus()).name === 'Hello');
    await browser.type(keys.tab, ...'More');
    await browser.chord(keys.control, keys.enter);
    await browser.shows('Heard again.');
    assert.deepEqual(await complaints(), []);
});

test('finds its place again after the service was killed', async () => {
    model.play([message('Before.')], [command('sleep 600')]);
    await startSession('Begin');
    await browser.shows('Before.');
    await browser.write('Your next message', 'Wait');
    await browser.click('Send');
    await browser.shows('sleep 600');
    await stop(service, 'SIGKILL');
    await browser.shows('Reconnecting…');
    service = await serve(new URL(service.origin).host);
    await browser.shows('process_lost');
    const all = await entries();
    assert.deepEqual(all.filter(entry => entry.startsWith('You')), ['You Begin', 'You Wait']);
    assert.equal(all.filter(entry => entry.startsWith('Turn')).length, 2);
    await until('it is connected', async () => !(await browser.text()).includes('Reconnecting…'));
    assert.deepEqual(await complaints(), []);
});

test('is pictured for the README', {skip: !process.env.NIGHTSHIFT_SCREENSHOTS && 'NIGHTSHIFT_SCREENSHOTS names no folder'}, async () => {
    const plan = done => ({type: 'function_call', id: `p${done}`, call_id: `p${done}`, name: 'update_plan', arguments: JSON.stringify({
        plan: ['Find where dates are read', 'Accept time zones', 'Run the tests'].map((step, i) => ({step, status: i < done ? 'completed' : 'pending'}))})});
    fs.writeFileSync(path.join(root, 'work/dates.py'), 'def read(text):\n    return parse(text)\n');
    model.play([reasoning('The dates come from one function; let me find it.'), plan(1), command('grep -n parse *.py')],
               [plan(2), command("apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: dates.py\n def read(text):\n-    return parse(text)\n+    return parse(text, zones=True)\n*** End Patch\nEOF")],
               [message('Dates may now end in a time zone. The tests are next: say if you want them run with the network on.')]);
    await startSession('Let dates have time zones', 'workspace-write');
    await browser.shows('say if you want');
    await browser.shows('idle');
    const save = async (name, ...looks) => {
        for (const [cmd, params] of looks) await browser.tune(cmd, params);
        await browser.shows('Changes');
        await browser.run(`const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(arguments[0], '/home/me');
            scrollTo(0, 0); document.activeElement.blur()`, root);
        fs.writeFileSync(path.join(process.env.NIGHTSHIFT_SCREENSHOTS, name), await browser.picture());
    };
    const scheme = value => ['Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value}]}];
    const screen = (width, height, mobile) => ['Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: 1, mobile}];
    await save('page.png', scheme('light'), screen(1200, 900, false));
    await save('page-phone.png', scheme('dark'), screen(390, 844, true));
    await browser.tune('Emulation.clearDeviceMetricsOverride', {});
});
