// Figures as a Markdown table. A run is [wall ms, CPU ms, peak memory in MB].
function median(values) {
    const sorted = values.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const medians = runs => [0, 1, 2].map(i => median(runs.map(run => run[i])));
const figure = value => value.toFixed(value < 100 ? 1 : 0);
const figures = runs => (runs.length ? medians(runs).map(figure).join(' / ') : '');

// The machine drifts, so each run is compared with its neighbour, and the ratios are what the targets speak of.
function ratios(ours, theirs) {
    if (!ours.length || !theirs.length) return undefined;
    return medians(ours.map((run, n) => run.map((value, i) => value / theirs[n][i])));
}

function judged(ratio, target) {
    const text = ratio.toFixed(3);
    return `${ratio > target ? `**${text}**` : text} (${target.toFixed(2)})`;
}

export function row(load, ours, theirs) {
    const measured = ratios(ours, theirs);
    const cells = load.target.map((target, i) => (measured ? judged(measured[i], target) : `(${target.toFixed(2)})`));
    return `| ${[load.name, figures(theirs), figures(ours), ...cells].join(' | ')} |`;
}

/// A ratio that missed its target stands in bold type.
export const heading = `| work load | codex: wall ms, CPU ms, MB | nightshift | wall ÷ (target) | CPU ÷ | memory ÷ |
| --- | --- | --- | --- | --- | --- |`;
