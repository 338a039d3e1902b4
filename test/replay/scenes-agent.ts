/** A model that works with tools: what it has, what a person grants and refuses, and what it gets wrong. */
import { scripted, startScriptedModel, type ScriptedTurn } from '../helpers/scripted-model.ts';
import { noop, type Act, type Tools } from './scene.ts';

const command = (...argv: string[]): [string, object] => ['run_command', { argv }];
const LOG = command('git', 'log', '-1', '--format=%s');
const TOOLS = { files: true, commands: [['git', 'log', '**']], idempotent: true, write: ['out/**'], ask: true };

async function withModel(t: Tools, act: () => Promise<string[]>): Promise<string[]> {
  const { server } = await startScriptedModel();
  try {
    const model = { type: 'custom_openai_compatible', base_url: `${server.url}/v1`, model: 'm', api_key: null };
    await t.stack.admin.put('/ops/provider', { providers: { scripted: model } });
    return await act();
  } finally {
    await t.stack.admin.put('/ops/provider', { providers: { scripted: null } });
    await server[Symbol.asyncDispose]();
  }
}

const works = (id: string, turns: ScriptedTurn[], more: object = {}, node: object = {}): object => ({
  id,
  kind: 'agent',
  with: { provider: 'scripted', task: scripted(id, ...turns), tools: TOOLS, ...more },
  ...node,
});

const agent: Act = (t) =>
  withModel(t, async () => {
    const nodes = [
      works('a', [
        { say: 'I look.', calls: [['list_files', {}], LOG, ['nothing_like_it', {}], ['run_command', '{']] },
        { calls: [['change_files', { files: [{ path: 'out/a.md', content: 'a\n' }] }], command('git', 'ls-files')] },
        { calls: [command('git', 'rev-parse', 'HEAD'), ['ask_person', { question: 'Go on?' }]] },
        { say: 'half', does: 'cut' },
      ]),
      works('b', [{ calls: [LOG] }], { max_turns: 3 }, { on_error: 'continue', retry: { max_attempts: 2, backoff_ms: 10 } }),
      noop('after', ['a', 'b']),
    ];
    const run = await t.start(nodes);
    await t.answer(await t.gate(run, 'a[3].run_command_2'), 'approve');
    await t.answer(await t.gate(run, 'a[5].run_command_1'), 'reject');
    await t.answer(await t.gate(run, 'a[5].ask_person_2'), 'approve');
    return t.end(run);
  });

const long: Act = (t) =>
  withModel(t, async () => {
    const turns = [
      { calls: [command('git', 'ls-files')] },
      ...Array.from({ length: 5 }, (_none, n) => ({ calls: [command('git', 'log', `-${n}`)] })),
    ];
    const run = await t.start([works('a', [...turns, { calls: [['ask_person', { question: 'Go on?' }]] }, { say: 'done' }])]);
    await t.answer(await t.gate(run, 'a[1].run_command_1'), 'approve');
    await t.answer(await t.gate(run, 'a[13].ask_person_1'), 'approve');
    return t.end(run);
  });

const COUNT = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };

const answers: Act = (t) =>
  withModel(t, async () => {
    const more = { output_schema: COUNT };
    const nodes = [
      works('fits', [{ calls: [LOG] }, { say: '{"n": 1}' }], more),
      works('corrected', [{ calls: [LOG] }, { say: 'one' }, { say: '{"n": 1}' }], { ...more, max_turns: 3 }),
      works('never', [{ say: '{"n": "one"}' }], more, { on_error: 'continue', retry: { max_attempts: 2, backoff_ms: 10 } }),
      works('cut', [{ say: '{"n":', finish: 'length' }], { ...more, tools: {} }, { on_error: 'continue' }),
      works('instead', [{ say: 'one' }, { calls: [LOG] }], more, { on_error: 'continue' }),
      noop('after', ['fits', 'corrected', 'never', 'cut', 'instead']),
    ];
    return t.end(await t.start(nodes));
  });

export const AGENT_SCENES: Record<string, Act> = { agent, 'agent-answers': answers };
export const AGENT_SEGMENT_SCENES: Record<string, Act> = { 'agent-segments': long };
