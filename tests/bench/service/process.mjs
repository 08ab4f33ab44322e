// What a process and its children cost, from /proc.
import fs from 'node:fs';

const read = file => {
    try {
        return fs.readFileSync(file, 'latin1');
    } catch {
        return ''; // it ended meanwhile
    }
};

const tree = pid => [pid, ...read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).flatMap(tree)];
const ticksPerSecond = 100; // USER_HZ, the same on all Linux architectures
const pageKb = 4;

/// Milliseconds of CPU since the start, children included, also those that ended.
export function cpuMs(pid) {
    const ticks = tree(pid).map(each => {
        const fields = read(`/proc/${each}/stat`).split(') ').pop().split(' ');
        return fields.slice(11, 15).reduce((sum, field) => sum + Number(field || 0), 0);
    });
    return (ticks.reduce((a, b) => a + b, 0) * 1000) / ticksPerSecond;
}

/// Kilobytes of memory, shared pages by their share.
export function memoryKb(pid) {
    const sizes = tree(pid).map(each => {
        const pss = /^Pss: +(\d+)/m.exec(read(`/proc/${each}/smaps_rollup`));
        return pss ? Number(pss[1]) : Number(read(`/proc/${each}/statm`).split(' ')[1] ?? 0) * pageKb;
    });
    return sizes.reduce((a, b) => a + b, 0);
}

/// Kilobytes that are nobody else's and no file's: not changed by who else happens to use the same libraries.
export const anonymousKb = pid => Number(/^Anonymous: +(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1]);
export const openFiles = pid => fs.readdirSync(`/proc/${pid}/fd`).length;
export const threads = pid => Number(/^Threads:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]);
