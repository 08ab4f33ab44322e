// The test stand: a folder in memory (or in FOLDER) with a small repository, settings for both programs, and the
// scripted model server.
import { execFileSync, fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { cpuMs } from './process.mjs';

const providers = { hello: 'hello', hold: 'hold', paced: 'paced-1000-2', broad: 'paced-400-5' };

export class Stand {
    constructor() {
        this.root = fs.mkdtempSync(path.join(process.env.FOLDER ?? '/dev/shm', 'nightshift-service-'));
        this.work = path.join(this.root, 'work');
        this.held = 0;
    }

    async setUp() {
        const git = (...words) => execFileSync('git', ['-C', this.work, ...words], { stdio: 'ignore' });
        fs.mkdirSync(this.work);
        fs.writeFileSync(path.join(this.work, 'README'), 'A project.\n');
        git('init', '-q');
        git('add', '.');
        git('-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '-q', '-m', 'Begin');
        this.model = fork(path.join(import.meta.dirname, 'model.mjs'), { stdio: 'inherit' });
        this.port = await new Promise((resolve, reject) => {
            this.model.once('exit', code => reject(new Error(`the model server ended with ${code}`)));
            this.model.on('message', ({ port, held }) => {
                this.held = held ?? this.held;
                if (port) resolve(port);
            });
        });
    }

    tearDown() {
        this.model?.kill();
        if (process.env.KEEP) console.error(`kept: ${this.root}`);
        else fs.rmSync(this.root, { recursive: true, force: true });
    }

    /// A folder of settings and sessions of its own for each start of a program.
    home() {
        const home = fs.mkdtempSync(path.join(this.root, 'home-'));
        const tables = Object.entries(providers).map(
            ([name, load]) => `[model_providers.${name}]
name = "${name}"
base_url = "http://127.0.0.1:${this.port}/${load}/v1"
env_key = "BENCH_KEY"
wire_api = "responses"
supports_websockets = false
`,
        );
        // The last lines keep the reference from asking its maker's servers.
        const settings = `model = "gpt-5.5"
model_provider = "hello"
check_for_update_on_startup = false
${tables.join('')}[analytics]
enabled = false
[features]
plugins = false
remote_plugin = false
apps = false
`;
        fs.writeFileSync(path.join(home, 'config.toml'), settings);
        return home;
    }

    environment(home) {
        return {
            ...{ PATH: process.env.PATH, LANG: 'C.UTF-8', BENCH_KEY: 'key' },
            ...{ HOME: home, CODEX_HOME: home, NIGHTSHIFT_HOME: home, XDG_RUNTIME_DIR: home },
        };
    }

    /// Lets the answers go that are held.
    release() {
        this.held = 0;
        this.model.send('release');
    }

    modelCpuMs() {
        return cpuMs(this.model.pid);
    }
}
