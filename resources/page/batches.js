// ---- Batches: the list of all, and one with its items, live ----

const itemTones = {running: 'busy', succeeded: 'good', failed: 'bad', cancelled: 'wait'};
const itemStatuses = ['succeeded', 'failed', 'cancelled', 'running', 'queued'];
const mostItems = 500; // that the page shows of one status, which is what the service gives at once
let listedBatches = 30, listedItems = 100;

const batchName = batch => batch.name || `Batch of ${moment(batch.created_at)}`;
const batchStatus = batch => batch.status === 'done' ? batch.outcome : batch.status;
const ended = ({counts}) => counts.succeeded + counts.failed + counts.cancelled;

function batchTone(batch) {
    if (batch.status !== 'done') return batch.status === 'paused' ? 'wait' : 'busy';
    if (batch.outcome !== 'completed') return 'bad';
    return batch.counts.failed ? 'wait' : 'good';
}

function countsText({counts}) {
    const parts = itemStatuses.filter(status => counts[status]).map(status => `${number(counts[status])} ${status}`);
    const total = `${number(counts.total)} ${counts.total === 1 ? 'item' : 'items'}`;
    return parts.length ? `${total}: ${parts.join(', ')}` : total;
}

function fillBatch(link, batch) {
    link.replaceChildren(element('strong', {}, revealed(batchName(batch))),
                         element('span', {class: 'badge', 'data-tone': batchTone(batch)}, batchStatus(batch)),
                         element('span', {class: 'faint'}, ` ${countsText(batch)} · ${moment(batch.updated_at)}`));
}

function fillItem(row, item) {
    const tries = item.attempts > 1 ? `${item.attempts} attempts` : '';
    const cost = item.usage.cost_usd ? `$${item.usage.cost_usd.toFixed(4)}` : '';
    const reason = item.status === 'failed' ? item.reason : '';
    row.replaceChildren(element('strong', {}, revealed(item.key)),
                        element('span', {class: 'badge', 'data-tone': itemTones[item.status]}, item.status),
                        element('span', {class: 'faint'}, ` ${[reason, tries, cost].filter(Boolean).join(' · ')}`),
                        item.status === 'failed' && item.message ? element('span', {class: 'faint detail'}, item.message) : '');
}

async function showBatches() {
    if (current.view !== 'batches') return;
    const {data, next} = await read(`/v1/batches?limit=${listedBatches}`, open.signal);
    drawRows(at('batches'), data, batch => batch.id, batch => `#/batch/${batch.id}`, fillBatch);
    at('no-batches').hidden = data.length > 0;
    at('more-batches').hidden = !next || listedBatches >= 500;
}

async function showBatch() {
    if (current.view !== 'batch') return;
    const batch = await read(`/v1/batches/${current.id}`, open.signal);
    at('title-batch').textContent = document.title = revealed(batchName(batch));
    if (at('batch-status').textContent !== batchStatus(batch)) at('batch-status').textContent = batchStatus(batch);
    at('batch-status').dataset.tone = batchTone(batch);
    at('batch-facts').textContent = revealed([batch.kind, batch.cwd, `since ${moment(batch.created_at)}`].join(' · '));
    at('batch-message').textContent = printable(batch.message ?? '');
    at('batch-progress').max = Math.max(1, batch.counts.total);
    at('batch-progress').value = ended(batch);
    at('batch-counts').textContent = countsText(batch);
    at('batch-usage').textContent = usageText(batch.usage);
    const runs = batch.status === 'running' || batch.status === 'queued', isTable = batch.kind === 'table';
    const left = batch.counts.failed + batch.counts.cancelled;
    at('batch-pause').hidden = !runs || !isTable;
    at('batch-go-on').hidden = batch.status !== 'paused';
    at('batch-finish').hidden = !runs || !isTable;
    at('batch-cancel').hidden = !runs && batch.status !== 'paused';
    at('batch-again').hidden = batch.status !== 'done' || left === 0 || !isTable;
    await showItems();
}

async function showItems() {
    const status = at('item-status').value;
    const {data, next} = await read(`/v1/batches/${current.id}/items?limit=${listedItems}${status && `&status=${status}`}`, open.signal);
    drawRows(at('items'), data, item => item.key, item => item.session && `#/session/${item.session}`, fillItem);
    at('no-items').hidden = data.length > 0;
    at('more-items').hidden = !next || listedItems >= mostItems;
    at('items-cut').hidden = !next || listedItems < mostItems;
}

const refreshBatches = soon(showBatches, 400), refreshBatch = soon(showBatch, 400);

// One that has ended tells no more; one that goes on does.
function followBatch() {
    refreshBatch();
    follow(`/v1/batches/${current.id}/events`, cursor, open.signal, refreshBatch);
}

const onBatch = (button, work) => {
    at(button).onclick = () => attempt(at('batch-actions'), async () => {
        await work(`/v1/batches/${current.id}`);
        startFollowing();
    });
};

function listenToBatches() {
    onBatch('batch-pause', batch => write(batch, {paused: true}, undefined, 'PATCH'));
    onBatch('batch-go-on', batch => write(batch, {paused: false}, undefined, 'PATCH'));
    onBatch('batch-finish', batch => write(`${batch}/cancel`, {mode: 'finish_running'}));
    onBatch('batch-cancel', batch => write(`${batch}/cancel`, {mode: 'now'}));
    onBatch('batch-again', batch => write(`${batch}/resume`, {retry: ['failed', 'cancelled']}, newKey()));
    at('item-status').onchange = () => { listedItems = 100; showItems().catch(fail); };
    at('more-items').onclick = () => { listedItems = mostItems; showItems().catch(fail); };
    at('more-batches').onclick = () => { listedBatches += 70; refreshBatches(); };
}
