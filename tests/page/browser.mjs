// Chromium without a window, driven as a user would: through chromedriver, which speaks WebDriver (a W3C standard).
import {spawn, spawnSync} from 'node:child_process';

export const missing = ['chromium', 'chromedriver'].filter(name => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
export const keys = {tab: '\uE004', enter: '\uE007', space: '\uE00D', control: '\uE009', none: '\uE000'};

const element = 'element-6066-11e4-a52e-4f735466cecf'; // the name of an element's id, as the standard has it
const quoted = text => `concat('', ${text.split("'").map(part => `'${part}'`).join(`, "'", `)})`;

/// What was found may have been drawn anew, or lie below something, before it is clicked: a user looks again.
function passing(error) {
    if (!/stale element|click intercepted/.test(error.message)) throw error;
    return false;
}

/// Asks again until `condition` gives something; says what `seen` gives when the time is up.
export async function until(what, condition, seen = () => '') {
    const deadline = Date.now() + 60_000; // a loaded machine's
    for (;;) {
        const value = await condition();
        if (value) return value;
        if (Date.now() > deadline) throw new Error(`waited in vain until ${what} ${await seen()}`.trim());
        await new Promise(resolve => setTimeout(resolve, 50));
    }
}

export class Browser {
    #driver;
    #base;

    static async start(home) {
        const browser = new Browser();
        browser.#driver = spawn('chromedriver', ['--port=0'], {env: {...process.env, HOME: home, TMPDIR: home}});
        const port = await new Promise((resolve, reject) => {
            let said = '';
            browser.#driver.on('exit', () => reject(new Error(`chromedriver ended: ${said}`)));
            browser.#driver.stdout.on('data', data => {
                said += data;
                const found = /started successfully on port (\d+)/.exec(said);
                if (found) resolve(found[1]);
            });
        });
        browser.#base = `http://127.0.0.1:${port}/session`;
        const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--window-size=1200,900'];
        const alwaysMatch = {'goog:chromeOptions': {args}, 'goog:loggingPrefs': {browser: 'ALL'}};
        const {sessionId} = await browser.#ask('POST', '', {capabilities: {alwaysMatch}});
        browser.#base += `/${sessionId}`;
        return browser;
    }
    async stop() {
        await this.#ask('DELETE', '').catch(() => {});
        this.#driver.kill();
    }
    async #ask(method, path, body) {
        const response = await fetch(this.#base + path, {method, body: body && JSON.stringify(body)});
        const {value} = await response.json();
        if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message.split('\n')[0]}`);
        return value;
    }

    go(url) { return this.#ask('POST', '/url', {url}); }
    run(script, ...args) { return this.#ask('POST', '/execute/sync', {script, args}); }
    /// A command of Chromium's own protocol.
    tune(cmd, params) { return this.#ask('POST', '/goog/cdp/execute', {cmd, params}); }
    /// What the console got since it was last asked.
    log() { return this.#ask('POST', '/se/log', {type: 'browser'}); }
    async picture() { return Buffer.from(await this.#ask('GET', '/screenshot'), 'base64'); }

    async #find(xpath) {
        const found = await this.#ask('POST', '/elements', {using: 'xpath', value: xpath});
        for (const each of found) {
            if (await this.#ask('GET', `/element/${each[element]}/displayed`).catch(passing)) return each[element];
        }
    }
    /// What can be seen of the page.
    text() { return this.run('return document.body.innerText'); }
    shows(text) {
        return until(`the page shows “${text}”`, async () => (await this.text()).includes(text),
                     async () => `instead of:\n${await this.text()}`);
    }
    async #press(what, xpath) {
        await until(`there is ${what}`, async () => {
            const id = await this.#find(xpath);
            return id && this.#ask('POST', `/element/${id}/click`, {}).then(() => true, passing);
        });
    }
    click(name) { return this.#press(`a button ${name}`, `//*[self::button or self::summary or self::a][contains(., ${quoted(name)})]`); }
    async write(label, text) {
        const named = quoted(label);
        const field = `//*[@id=//label[normalize-space()=${named}]/@for] | //label[starts-with(normalize-space(), ${named})]/*`;
        const id = await until(`there is a field ${label}`, () => this.#find(field));
        await this.#ask('POST', `/element/${id}/clear`, {});
        await this.#ask('POST', `/element/${id}/value`, {text});
    }
    choose(option) { return this.#press(`an option ${option}`, `//option[normalize-space()=${quoted(option)}]`); }

    /// Keys as they come from the keyboard, to whatever has the focus.
    type(...strokes) {
        const actions = strokes.flatMap(stroke => [{type: 'keyDown', value: stroke}, {type: 'keyUp', value: stroke}]);
        return this.#ask('POST', '/actions', {actions: [{type: 'key', id: 'keyboard', actions}]});
    }
    chord(modifier, stroke) {
        const actions = [{type: 'keyDown', value: modifier}, {type: 'keyDown', value: stroke},
                         {type: 'keyUp', value: stroke}, {type: 'keyUp', value: modifier}];
        return this.#ask('POST', '/actions', {actions: [{type: 'key', id: 'keyboard', actions}]});
    }
    /// The name of what has the focus, and whether that can be seen.
    focus() {
        return this.run(`const here = document.activeElement;
            return {name: here === document.body ? '' : here.labels?.[0]?.innerText ?? here.getAttribute('aria-label') ?? here.innerText.trim(),
                    visible: here === document.body || getComputedStyle(here).outlineStyle !== 'none'};`);
    }
}
