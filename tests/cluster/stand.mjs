// A folder with a table of items, a model server, and a Slurm of one machine, for the tests beside it.
import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {settingsFor, startModelServer} from '../support/modelserver.mjs';

export const program = process.env.NIGHTSHIFT_PROGRAM;
export const pause = ms => new Promise(done => setTimeout(done, ms));

/// Waits until `condition` holds, and says what it was waiting for when it never does.
export async function until(what, condition, seconds = 120) {
    for (const end = Date.now() + seconds * 1000; !(await condition()); await pause(200))
        if (Date.now() > end) throw new Error(`waited ${seconds} s for this, in vain: ${what}`);
}

export class Stand {
    static async make(items, server) {
        const stand = new Stand();
        stand.root = fs.mkdtempSync(path.join(os.homedir(), 'nightshift-cluster-'));
        stand.work = path.join(stand.root, 'work');
        for (const name of ['work', 'state', 'run']) fs.mkdirSync(path.join(stand.root, name), {mode: 0o700});
        stand.server = await startModelServer(server);
        fs.writeFileSync(path.join(stand.root, 'state/config.toml'), settingsFor(stand.server.url));
        const rows = Array.from({length: items}, (_, n) => `k${n},word-${n}\n`);
        fs.writeFileSync(path.join(stand.work, 'items.csv'), `id,word\n${rows.join('')}`);
        stand.env = {...process.env, CODEX_HOME: path.join(stand.root, 'state'), MOCK_KEY: 'key',
            XDG_RUNTIME_DIR: path.join(stand.root, 'run'), SHELL: '/bin/bash', LC_ALL: 'C.UTF-8'};
        return stand;
    }

    /// [exit code, stdout]; stderr goes where ours goes.
    run(...words) {
        const child = spawn(words[0], words.slice(1), {cwd: this.work, env: this.env, stdio: ['ignore', 'pipe', 'inherit']});
        let out = '';
        child.stdout.on('data', text => out += text);
        return new Promise((done, failed) => child.on('error', failed).on('close', code => done([code, out])));
    }

    batch(...words) {
        return this.run(program, 'batch', ...words);
    }

    /// By key; throws when a key is there twice.
    results() {
        const rows = fs.readFileSync(path.join(this.work, 'out/results.jsonl'), 'utf8').trim().split('\n').map(JSON.parse);
        const byKey = new Map(rows.map(row => [row.key, row]));
        if (byKey.size !== rows.length) throw new Error(`${rows.length} rows, and ${byKey.size} keys`);
        return byKey;
    }

    tearDown() {
        this.server.close();
        fs.rmSync(this.root, {recursive: true, force: true});
    }
}

/// Slurm on this machine: no daemon for keys, no control groups, no accounting.
export class Slurm {
    constructor() {
        this.root = fs.mkdtempSync('/tmp/slurm-');
        for (const name of ['state', 'spool']) fs.mkdirSync(path.join(this.root, name));
        fs.writeFileSync(path.join(this.root, 'slurm.key'), 'k'.repeat(64), {mode: 0o600});
        fs.writeFileSync(path.join(this.root, 'slurm.conf'), Object.entries({
            ClusterName: 'night', SlurmctldHost: 'night(127.0.0.1)', AuthType: 'auth/slurm', CredType: 'cred/slurm',
            SlurmUser: 'root', SlurmdUser: 'root', StateSaveLocation: `${this.root}/state`,
            SlurmdSpoolDir: `${this.root}/spool`, SlurmctldPidFile: `${this.root}/ctld.pid`,
            SlurmdPidFile: `${this.root}/d.pid`, SlurmctldLogFile: `${this.root}/ctld.log`,
            SlurmdLogFile: `${this.root}/d.log`, ProctrackType: 'proctrack/linuxproc', TaskPlugin: 'task/none',
            SelectType: 'select/cons_tres', SelectTypeParameters: 'CR_Core', ReturnToService: 2, KillWait: 10,
            SlurmdParameters: 'config_overrides', MpiDefault: 'none', SwitchType: 'switch/none',
        }).map(([name, value]) => `${name}=${value}\n`).join('') +
            'NodeName=night NodeAddr=127.0.0.1 CPUs=4 RealMemory=1000 State=UNKNOWN\n' +
            'PartitionName=main Nodes=night Default=YES MaxTime=INFINITE State=UP\n');
        process.env.SLURM_CONF = path.join(this.root, 'slurm.conf');
        this.daemons = ['slurmctld', 'slurmd'].map(name => spawn(name, ['-D', ...(name === 'slurmd' ? ['-N', 'night'] : [])],
            {stdio: 'ignore'}));
    }

    ask(...words) {
        return execFileSync(words[0], words.slice(1), {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});
    }

    async ready() {
        const idle = () => { try { return this.ask('sinfo', '-h', '-o', '%T').includes('idle'); } catch { return false; } };
        await until(`Slurm's node is idle; see ${this.root}`, idle, 60);
    }

    /// Nothing is queued and nothing runs any more. What was put back into the queue would wait two minutes there.
    async idle() {
        await until('the queue is empty', () => {
            for (const line of this.ask('squeue', '-h', '-r', '-t', 'PENDING', '-o', '%i %r').trim().split('\n'))
                if (line.endsWith('BeginTime')) this.ask('scontrol', 'update', `JobId=${line.split(' ')[0]}`, 'StartTime=now');
            return this.ask('squeue', '-h').trim() === '';
        }, 240);
    }

    /// What `scontrol` knows of a job: NAME=value.
    job(id) {
        return this.ask('scontrol', 'show', 'job', id);
    }

    async stop() {
        await Promise.all(this.daemons.map(daemon => new Promise(done => daemon.on('exit', done).kill())));
        fs.rmSync(this.root, {recursive: true, force: true});
    }
}
