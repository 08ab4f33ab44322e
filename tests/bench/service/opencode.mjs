// `opencode serve`, where it is installed: how soon it listens and what it takes then.
import { execFileSync, spawn } from 'node:child_process';
import { memoryKb } from './process.mjs';

export function findOpencode() {
    try {
        return execFileSync('which', ['opencode'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
    } catch {
        return undefined;
    }
}

export class Opencode {
    static async start(program, stand) {
        const begin = performance.now();
        const server = new Opencode();
        server.child = spawn(program, ['serve', '--hostname', '127.0.0.1', '--port', '0'], {
            cwd: stand.work,
            env: stand.environment(stand.home()),
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        await new Promise((resolve, reject) => {
            server.child.stdout.on('data', text => text.includes('listening') && resolve());
            server.child.once('exit', code => reject(new Error(`opencode serve ended with ${code}`)));
        });
        server.readyMs = performance.now() - begin;
        return server;
    }

    async stop() {
        const gone = new Promise(resolve => this.child.once('exit', resolve));
        this.child.kill('SIGKILL');
        await gone;
    }

    memoryKb() {
        return memoryKb(this.child.pid);
    }
}
