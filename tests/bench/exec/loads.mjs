// The work loads, and what the server and the runner both know of them.
// target: ours ÷ codex, medians of pairs: wall, CPU, memory.
export const loads = [
    { name: '(a) one message, http', path: 'a', target: [0.13, 0.12, 0.17] },
    { name: '(a) one message, https', path: 'a', tls: true, target: [0.35, 0.38, 0.22] },
    { name: '(b) one shell call', path: 'b', target: [0.13, 0.12, 0.17] },
    { name: '(c) 20 shell calls', path: 'c', target: [0.13, 0.14, 0.17] },
    { name: '(d) 20,000 deltas', path: 'd', target: [0.03, 0.03, 0.17] },
    { name: '(e) 50 MB of output', path: 'e', target: [0.22, 0.3, 0.17] },
    { name: '(f) resume 50 MB, plain', path: 'f', log: 'plain', target: [0.06, 0.04, 0.25] },
    { name: '(f) resume 50 MB, compacted', path: 'fc', log: 'compacted', target: [0.02, 0.02, 0.1] },
    { name: '(g) 50 runs, 8 at a time', path: 'g', count: 50, jobs: 8, target: [0.12, 0.12, 0.17] },
];

export const deltas = 20000;
export const deltaText = n => ` w${n}`;

/// What a correct run prints, by path.
export const answers = {
    a: 'one message',
    b: 'one call',
    c: 'twenty calls',
    d: Array.from({ length: deltas }, (_, n) => deltaText(n))
        .join('')
        .trim(),
    e: 'much output',
    f: 'everything read',
    fc: 'summary read',
    g: 'one of many',
};

/// What stands in the generated session logs, and is looked for in the requests.
export const texts = {
    firstQuestion: 'the very first question',
    earlyAnswer: 'an answer before the summary',
    summary: 'the summary of everything so far',
    lastAnswer: 'the answer of the last turn',
};
