// `codex app-server`, as the measurements see it: over its stdio, and over a Unix socket where many follow one session.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs, memoryKb } from './process.mjs';
import { WebSocket } from './websocket.mjs';

const clientInfo = { name: 'bench', title: 'bench', version: '1' };

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
        await server.call('initialize', { clientInfo });
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

/// One of its clients over a socket: calls are answered, notifications counted.
class Follower {
    static async to(path) {
        const follower = new Follower();
        follower.calls = new Map();
        follower.deliveries = 0;
        follower.socket = await WebSocket.open(path, text => follower.#onText(text));
        await follower.call('initialize', { clientInfo });
        follower.#write({ method: 'initialized' });
        return follower;
    }

    call(method, params) {
        const id = this.calls.size + 1;
        this.#write({ id, method, params });
        return new Promise((resolve, reject) => this.calls.set(id, { resolve, reject }));
    }

    /// Resolves when the turn under way has ended.
    turnEnded() {
        return new Promise(resolve => (this.onEnd = resolve));
    }

    #write(message) {
        this.socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
    }

    #onText(text) {
        ++this.deliveries;
        if (text.includes('"item/agentMessage/delta"')) return;
        const message = JSON.parse(text);
        if (message.method === 'turn/completed') this.onEnd?.(message.params.turn);
        if (message.method || !this.calls.has(message.id)) return;
        const { resolve, reject } = this.calls.get(message.id);
        if (message.error) reject(new Error(`codex: ${message.error.message}`));
        else resolve(message.result);
    }
}

export class SharedAppServer {
    static async start(program, stand) {
        const home = stand.home();
        const server = new SharedAppServer();
        server.path = path.join(home, 'app.sock');
        server.stand = stand;
        server.child = spawn(program, ['app-server', '--listen', `unix://${server.path}`], {
            cwd: stand.work,
            env: stand.environment(home),
            stdio: ['ignore', 'ignore', 'ignore'],
        });
        for (const begin = performance.now(); !server.first; ) {
            try {
                server.first = await Follower.to(server.path);
            } catch (error) {
                if (performance.now() - begin > 10_000) throw error;
                await sleep(20);
            }
        }
        return server;
    }

    async stop() {
        const gone = new Promise(resolve => this.child.once('exit', resolve));
        this.child.kill('SIGKILL');
        await gone;
    }

    /// What `count` followers of one session cost: {memoryKb: of each, cpuMs: of one delivery, deliveries}.
    async subscribers(count) {
        const { pid } = this.child;
        const model = { model: 'gpt-5.5', modelProvider: 'broad' };
        const { thread } = await this.first.call('thread/start', { cwd: this.stand.work, ...model });
        await this.#turn(thread.id); // before it there is nothing to resume
        const before = memoryKb(pid);
        const followers = [];
        for (let n = 0; n < count; ++n) {
            const follower = await Follower.to(this.path);
            await follower.call('thread/resume', { threadId: thread.id });
            followers.push(follower);
        }
        await sleep(500);
        const each = (memoryKb(pid) - before) / count;
        for (const follower of followers) follower.deliveries = 0;
        const cpu = cpuMs(pid);
        await this.#turn(thread.id);
        await sleep(300);
        const deliveries = followers.reduce((sum, follower) => sum + follower.deliveries, 0);
        const perDelivery = (cpuMs(pid) - cpu) / deliveries;
        for (const follower of followers) follower.socket.close();
        return { memoryKb: each, cpuMs: perDelivery, deliveries };
    }

    async #turn(threadId) {
        const ended = this.first.turnEnded();
        await this.first.call('turn/start', { threadId, input: [{ type: 'text', text: 'hello' }] });
        const turn = await ended;
        if (turn.status !== 'completed') throw new Error(`codex: ${JSON.stringify(turn)}`);
    }
}
