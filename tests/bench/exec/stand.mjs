// The test stand: a folder in memory with an empty repository, certificates, session logs and the scripted server.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { answers } from './loads.mjs';
import { sessionId, writeSessionLog } from './sessionlog.mjs';

const here = import.meta.dirname;
const quiet = { stdio: ['ignore', 'pipe', 'pipe'] };

export class Stand {
    constructor() {
        this.root = fs.mkdtempSync('/dev/shm/nightshift-bench-');
        this.work = path.join(this.root, 'work');
    }

    async setUp(loads) {
        execFileSync('cc', ['-O2', '-Wall', '-o', `${this.root}/measure`, path.join(here, 'measure.c')]);
        execFileSync('git', ['init', '-q', this.work], quiet);
        this.#makeCertificates();
        for (const kind of new Set(loads.map(load => load.log).filter(Boolean)))
            writeSessionLog(`${this.root}/${kind}`, this.work, kind === 'compacted');
        await this.#startServer();
    }

    tearDown() {
        this.server?.kill();
        if (process.env.KEEP) console.error(`kept: ${this.root}`);
        else fs.rmSync(this.root, { recursive: true, force: true });
    }

    /// One measurement, [wall ms, CPU ms, peak memory in MB]; throws when an answer is not the scripted one.
    measure(program, load) {
        const folder = `${this.root}/run`;
        const count = load.count ?? 1;
        fs.rmSync(folder, { recursive: true, force: true });
        for (let n = 0; n < count; ++n) {
            fs.mkdirSync(`${folder}/${n}/.codex`, { recursive: true });
            if (load.log) fs.cpSync(`${this.root}/${load.log}/.codex`, `${folder}/${n}/.codex`, { recursive: true });
        }

        const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'dumb', BENCH_KEY: 'key' };
        if (load.tls) env.SSL_CERT_FILE = `${this.root}/ca.pem`;
        const line = execFileSync(
            `${this.root}/measure`,
            [count, load.jobs ?? 1, folder, program, ...this.#argumentsFor(load)],
            { ...quiet, cwd: this.work, env, timeout: 120_000 },
        );
        const [wall, cpu, memory, failed] = line.toString().split(' ').map(Number);
        for (let n = 0; n < count; ++n) this.#check(`${folder}/${n}`, program, load, failed);
        return [wall, cpu, memory];
    }

    /// Size of the newest request of load (a).
    requestBytes() {
        return Number(fs.readFileSync(`${this.root}/size`, 'utf8'));
    }

    #check(folder, program, load, failed) {
        const printed = fs.readFileSync(`${folder}/out`, 'utf8').trim();
        if (!failed && printed === answers[load.path]) return;
        const [got, wanted] = [printed, answers[load.path]].map(text => JSON.stringify(text.slice(0, 200)));
        const errors = fs.readFileSync(`${folder}/err`, 'utf8').trim().slice(-600);
        throw new Error(`${load.name}: ${program} failed ${failed} times, printed ${got} and not ${wanted}\n${errors}`);
    }

    #argumentsFor(load) {
        const base = load.tls ? `https://127.0.0.1:${this.https}` : `http://127.0.0.1:${this.http}`;
        const provider = [
            'name="bench"',
            `base_url="${base}/${load.path}/v1"`,
            'env_key="BENCH_KEY"',
            'wire_api="responses"',
            'supports_websockets=false',
        ];
        // The second line keeps the reference from asking its maker's servers.
        const settings = [
            ...[`model_providers.bench={${provider}}`, 'model_provider="bench"'],
            ...['check_for_update_on_startup=false', 'analytics.enabled=false', 'features.plugins=false'],
            ...['features.remote_plugin=false', 'features.apps=false'],
        ];
        // A long session must reach the model whole: neither program may compact it first.
        if (load.log) settings.push('model_context_window=100000000', 'model_auto_compact_token_limit=90000000');
        const resume = load.log ? ['resume', sessionId] : [];
        return ['exec', '-m', 'gpt-5.5', ...settings.flatMap(setting => ['-c', setting]), ...resume, 'hello'];
    }

    #makeCertificates() {
        const openssl = words => execFileSync('openssl', words.split(' '), { ...quiet, cwd: this.root });
        fs.writeFileSync(`${this.root}/names`, 'subjectAltName=IP:127.0.0.1');
        openssl('req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=bench-ca');
        openssl('req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=127.0.0.1');
        openssl('x509 -req -in server.csr -CA ca.pem -CAkey ca.key -out server.pem -days 2 -extfile names');
    }

    async #startServer() {
        const files = ['server.key', 'server.pem', 'size'].map(name => path.join(this.root, name));
        this.server = spawn(process.execPath, [path.join(here, 'server.mjs'), ...files], {
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        const line = await new Promise((resolve, reject) => {
            this.server.stdout.once('data', resolve);
            this.server.once('exit', code => reject(new Error(`the scripted server ended with ${code}`)));
        });
        [this.http, this.https] = line.toString().trim().split(' ');
    }
}

/// The native binary of the reference, not its Node launcher: CODEX, else from node_modules here or npm's global one.
export function findCodex() {
    if (process.env.CODEX) return path.resolve(process.env.CODEX);
    const arch = { x64: 'x86_64', arm64: 'aarch64' }[process.arch];
    const native = `@openai/codex-linux-${process.arch}/vendor/${arch}-unknown-linux-musl/bin/codex`;
    return ['node_modules', execFileSync('npm', ['root', '-g'], quiet).toString().trim()]
        .flatMap(folder => [`${folder}/${native}`, `${folder}/@openai/codex/node_modules/${native}`])
        .map(file => path.resolve(file))
        .find(file => fs.existsSync(file));
}
