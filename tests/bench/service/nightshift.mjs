// `nightshift serve`, as the measurements see it.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, follow, request } from './client.mjs';
import { cpuMs, memoryKb } from './process.mjs';

export class Nightshift {
    /// Resolves once it takes work; `readyMs` says how long that took.
    static async start(program, stand) {
        const home = stand.home();
        const begin = performance.now();
        const child = spawn(program, ['serve', '--root', stand.work], {
            cwd: stand.work,
            env: stand.environment(home),
            stdio: ['ignore', 'ignore', 'pipe'],
        });
        const service = new Nightshift();
        service.errors = '';
        child.stderr.on('data', data => (service.errors += data));
        service.child = child;
        child.once('exit', (code, signal) => (service.ending = signal ?? `code ${code}`));
        service.stand = stand;
        service.path = path.join(home, 'nightshift/http.sock');
        service.clients = [];
        for (let ready = false; !ready; ) {
            service.check();
            if (performance.now() - begin > 10_000) {
                child.kill('SIGKILL');
                throw new Error(`${program} serve is not ready`);
            }
            try {
                const [client] = await service.connections(1);
                ready = (await client.ask(request('GET', '/readyz'))).status === 200;
            } catch {
                await sleep(0.5);
            }
        }
        service.readyMs = performance.now() - begin;
        return service;
    }

    async stop() {
        for (const client of this.clients) client.close();
        this.check();
        const gone = new Promise(resolve => this.child.once('exit', resolve));
        this.child.kill('SIGTERM');
        const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
        await gone;
        clearTimeout(timer);
    }

    /// Throws when it is gone.
    check() {
        if (this.ending) throw new Error(`the service ended with ${this.ending}: ${this.errors}`);
    }

    cpuMs() {
        return cpuMs(this.child.pid);
    }
    memoryKb() {
        return memoryKb(this.child.pid);
    }

    async connections(count) {
        while (this.clients.length < count) this.clients.push(await Client.to(this.path));
        return this.clients.slice(0, count);
    }

    /// `count` sessions of one finished turn each, so many at a time.
    async sessions(count, concurrency) {
        const bytes = request('POST', '/v1/sessions', { input: 'hello' }, 'Prefer: wait=60\r\n');
        await this.#repeat(count, concurrency, async client => {
            const made = await client.json(bytes, 201);
            if (made.status !== 'idle' && made.status !== 'running') throw new Error(`it is ${made.status}`);
            if (made.turn?.outcome && made.turn.outcome !== 'completed') throw new Error(JSON.stringify(made.turn));
        });
    }

    /// `count` sessions whose turn waits for the model.
    async begin(count) {
        const bytes = request('POST', '/v1/sessions', { input: 'hello', provider: 'hold' });
        await this.#repeat(count, 8, client => client.json(bytes, 202));
    }

    /// The time that each delta took from the model to the client, in ms.
    async latencies() {
        const [client] = await this.connections(1);
        const made = await client.json(request('POST', '/v1/sessions', { provider: 'paced' }), 201);
        const self = `/v1/sessions/${made.id}`;
        const taken = [];
        const socket = await follow(this.path, `${self}/events`, text => {
            const now = process.hrtime.bigint();
            for (const [, sent] of text.matchAll(/"delta":"(\d+) /g)) taken.push(Number(now - BigInt(sent)) / 1e6);
        });
        const turn = request('POST', `${self}/turns`, { input: 'hello' }, 'Prefer: wait=60\r\n');
        await client.json(turn, 200);
        socket.destroy();
        return taken;
    }

    /// What `count` streams of one session cost: {memoryKb: of each, cpuMs: of one delivery, deliveries}.
    async subscribers(count) {
        const [client] = await this.connections(1);
        const made = await client.json(request('POST', '/v1/sessions', { provider: 'broad' }), 201);
        const self = `/v1/sessions/${made.id}`;
        const before = this.memoryKb();
        let deliveries = 0;
        const sockets = [];
        for (let n = 0; n < count; ++n)
            sockets.push(
                await follow(this.path, `${self}/events`, text => {
                    for (let at = text.indexOf('\nevent: '); at >= 0; at = text.indexOf('\nevent: ', at + 8))
                        ++deliveries;
                }),
            );
        await sleep(500);
        const each = (this.memoryKb() - before) / count;
        deliveries = 0;
        const cpu = this.cpuMs();
        await client.json(request('POST', `${self}/turns`, { input: 'hello' }, 'Prefer: wait=60\r\n'), 200);
        await sleep(300);
        const perDelivery = (this.cpuMs() - cpu) / deliveries;
        for (const socket of sockets) socket.destroy();
        return { memoryKb: each, cpuMs: perDelivery, deliveries };
    }

    async #repeat(count, concurrency, once) {
        const clients = await this.connections(concurrency);
        let left = count;
        await Promise.all(
            clients.map(async client => {
                while (left-- > 0) await once(client);
            }),
        );
    }
}
