/** Histories of real runs through the workflows as they are now: a run that is under way must survive every upgrade. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RUN_MESSAGES, WORKFLOWS } from '#contract/messages.ts';
import { NODE_KINDS } from '#contract/nodes/index.ts';
import { bundlePath } from '#worker/bundle.ts';
import { preloadWorkflowThreads } from '#worker/workflow-threads.ts';
import { payloadTexts, readScene, recordedScenes, type Recorded } from './histories.ts';
import { SCENES } from './scenes.ts';

const HANG_MS = 60_000;
const scenes = recordedScenes().map(readScene);
const recorded = scenes.flatMap(({ scene, workflows }) => workflows.map((workflow, index) => ({ ...workflow, name: `${scene}/${index}` })));
const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-replay-'));
let codePath = '';

afterAll(() => rmSync(dir, { recursive: true, force: true }));

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  preloadWorkflowThreads();
  codePath = await bundlePath();
}, HANG_MS);

/** Out: per history why it cannot be replayed, null when it can. */
async function replay(codePath: string, histories: (Recorded & { name: string })[]): Promise<(string | null)[]> {
  const input = histories.map(({ name, history }) => ({ workflowId: name, history }));
  const failed = new Map<string, string>();
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, input))
    if (error) failed.set(workflowId, error.message);
  return histories.map(({ name }) => failed.get(name) ?? null);
}

describe('recorded histories', () => {
  it('replay through the bundle that the worker runs', { timeout: HANG_MS }, async () => {
    const problems = await replay(codePath, recorded);
    expect(Object.fromEntries(recorded.map(({ name }, index) => [name, problems[index]]))).toEqual(
      Object.fromEntries(recorded.map(({ name }) => [name, null])),
    );
  });

  it('are there for every scene; `npm run replay:record` makes those that are missing', () => {
    expect(recordedScenes()).toEqual(SCENES.flatMap(({ acts }) => Object.keys(acts)).toSorted());
  });

  it('have every kind of node, every message to a run, and every workflow in them', () => {
    const events = recorded.flatMap(({ history }) => history.events);
    const texts = events.flatMap(payloadTexts);
    const kinds = Object.keys(NODE_KINDS).filter((kind) => !texts.some((text) => text.includes(`"kind":"${kind}"`)));
    const names = JSON.stringify(events.map(({ workflowExecutionSignaledEventAttributes: signal, ...rest }) => signal ?? rest));
    const updates = events.filter(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED');
    const messages = RUN_MESSAGES.filter((message) => !JSON.stringify(updates).includes(`"name":"${message}"`));
    const workflows = Object.values(WORKFLOWS).filter((workflow) => !names.includes(`"workflowType":{"name":"${workflow}"`));
    expect({ kinds, messages, workflows }).toEqual({ kinds: [], messages: [], workflows: [] });
  });

  it('hold no path and no host of the machine that made them', () => {
    const text = [JSON.stringify(recorded), ...payloadTexts(recorded)].join('\n');
    expect([...new Set(text.match(/\/(?:tmp|home|root|work|Users|var)\/[\w./-]*/g))]).toEqual([]);
    const identities = [...text.matchAll(/"identity":"([^"]*)"/g)].map((match) => match[1]);
    expect([...new Set(identities)]).toEqual(['worker']);
  });
});

/** Text that stands in the bundle once, what a careless change makes of it, and a scene that it disturbs. */
const CHANGES = {
  'the status is shown before there is a place': [
    'control',
    'if (!isDelegated && !await this.#admitted())',
    "this.#show('running', '');$&",
  ],
  'another first step': ['chain', '.bookkeeping.loadRun(', '.bookkeeping.cleanUp('],
  'a gate that is not opened': ['gates', '.bookkeeping.openGate(', '.bookkeeping.writeEvents('],
} as const;

describe('a change of what a run does in which order is refused', () => {
  it.each(Object.entries(CHANGES))('%s', { timeout: HANG_MS }, async (_name, [scene, before, after]) => {
    const bundle = readFileSync(codePath, 'utf8');
    expect(bundle.split(before)).toHaveLength(2);
    const file = path.join(dir, 'changed.cjs');
    writeFileSync(file, bundle.replace(before, after));
    const [problem] = await replay(
      file,
      recorded.filter(({ name }) => name === `${scene}/0`),
    );
    expect(problem).toMatch(/nondeterminism/i);
  });
});
