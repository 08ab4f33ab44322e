// Holds the manifest that `nightshift batch submit k8s` prints to the schema that Kubernetes publishes of a Job.
//     NIGHTSHIFT_PROGRAM=…/nightshift NIGHTSHIFT_NPM=…/build/npm/openapi node …
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';

const models = path.join(process.env.NIGHTSHIFT_NPM, 'node_modules/kubernetes-models');
if (!fs.existsSync(models)) {
    console.log('skipped: packaging/openapi found no npm to fetch the published schema with');
    process.exit(77);
}
const {Job} = await import(pathToFileURL(path.join(models, 'batch/v1/Job.js')).href);

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'nightshift-manifest-'));
fs.writeFileSync(path.join(root, 'items.csv'), 'id,word\na,b\n');
const manifest = JSON.parse(execFileSync(process.env.NIGHTSHIFT_PROGRAM,
    ['batch', 'submit', 'k8s', '--shard', 'auto/5', '--input', 'items.csv', '--prompt', 'Say {{word}}', '--name', 'Über all'],
    {cwd: root, env: {PATH: process.env.PATH, HOME: root, CODEX_HOME: root}, stdio: ['ignore', 'pipe', 'pipe']}));
fs.rmSync(root, {recursive: true});

test('the manifest is a Job', () => new Job(manifest).validate());

test('the published schema would find what is wrong', () => {
    assert.throws(() => new Job({...manifest, spec: {...manifest.spec, completions: 'five'}}).validate(), /completions/);
});

test('each exit code has its consequence', () => {
    const {spec} = manifest;
    const rules = spec.podFailurePolicy.rules.map(rule =>
        [rule.onExitCodes?.values.join() ?? rule.onPodConditions[0].type, rule.action]);
    assert.deepEqual(rules, [['75', 'Ignore'], ['DisruptionTarget', 'Ignore'], ['2', 'FailJob'], ['1,10', 'FailIndex']]);
    assert.deepEqual([spec.completionMode, spec.completions, spec.template.spec.restartPolicy], ['Indexed', 5, 'Never']);
    assert.ok(spec.backoffLimitPerIndex > 0);
});
