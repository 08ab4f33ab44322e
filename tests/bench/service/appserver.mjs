// `codex app-server` over its stdio, as the measurements see it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { cpuMs, memoryKb } from './process.mjs';

export class AppServer {
    static async start(program, stand) {
        const home = stand.home();
        const begin = performance.now();
        const server = new AppServer();
        server.stand = stand;
        server.child = spawn(program, ['app-server'], {
            cwd: stand.work,
            env: stand.environment(home),
            stdio: ['pipe', 'pipe', 'ignore'],
        });
        server.answers = new Map();
        server.turns = new Map();
        server.nextId = 1;
        createInterface({ input: server.child.stdout }).on('line', line => server.#onLine(line));
        await server.call('initialize', { clientInfo: { name: 'bench', title: 'bench', version: '1' } });
        server.readyMs = performance.now() - begin;
        server.#write({ method: 'initialized' });
        return server;
    }

    async stop() {
        const gone = new Promise(resolve => this.child.once('exit', resolve));
        this.child.kill('SIGKILL');
        await gone;
    }

    cpuMs() {
        return cpuMs(this.child.pid);
    }
    memoryKb() {
        return memoryKb(this.child.pid);
    }

    call(method, params) {
        const id = this.nextId++;
        this.#write({ id, method, params });
        return new Promise((resolve, reject) => this.answers.set(id, { resolve, reject }));
    }

    async sessions(count, concurrency) {
        let left = count;
        const once = async () => {
            while (left-- > 0) await this.#turn('hello');
        };
        await Promise.all(Array.from({ length: concurrency }, once));
    }

    async latencies() {
        const taken = [];
        this.onDelta = delta =>
            taken.push(Number(process.hrtime.bigint() - BigInt(delta.trim().split(' ').at(-1))) / 1e6);
        await this.#turn('paced');
        this.onDelta = undefined;
        return taken;
    }

    async #turn(modelProvider) {
        const { thread } = await this.call('thread/start', { cwd: this.stand.work, model: 'gpt-5.5', modelProvider });
        const ended = new Promise(resolve => this.turns.set(thread.id, resolve));
        await this.call('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'hello' }] });
        const { turn } = await ended;
        if (turn.status !== 'completed') throw new Error(`codex: ${JSON.stringify(turn)}`);
    }

    #write(message) {
        this.child.stdin.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');
    }

    #onLine(line) {
        const isDelta = this.onDelta && line.includes('"item/agentMessage/delta"');
        if (isDelta) return this.onDelta(JSON.parse(line).params.delta);
        const message = JSON.parse(line);
        const waiting = this.answers.get(message.id);
        if (waiting && !message.method) {
            this.answers.delete(message.id);
            if (message.error) waiting.reject(new Error(`codex: ${message.error.message}`));
            else waiting.resolve(message.result);
        } else if (message.method === 'turn/completed') {
            this.turns.get(message.params.threadId)?.(message.params);
            this.turns.delete(message.params.threadId);
        }
    }
}
