/**
 * `npm run new:node NAME`: begins a new kind of node. Writes its file in each of the four folders, adds its line to each
 * table, and a scene in `test/replay/`, and formats what it touched. Before the first own line is written `npm run check` asks
 * for one thing only: the recorded history of that scene, for which a real run is needed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const root = path.dirname(import.meta.dirname);
const [name = ''] = process.argv.slice(2);

if (!/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(name)) fail('Usage: npm run new:node NAME, where NAME is like `token_deploy`.');
const words = name.split('_');
const pascal = words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
const camel = pascal[0].toLowerCase() + pascal.slice(1);
const file = words.join('-');
const label = words.join(' ');

const FILES = {
  [`contract/nodes/${file}.ts`]: `import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

export const ${camel}Kind = defineKind({
  summary: '${label}',
  output: 'null',
  example: {},
  with: z.strictObject({}),
  lane: 'general',
  effectMode: () => 'at_most_once',
  effects: () => NO_EFFECTS,
});
`,
  [`workflows/nodes/${file}.ts`]: `import { runEffect } from '../effect.ts';
import type { NodeRunner } from './runner.ts';

export const run${pascal}: NodeRunner<'${name}'> = (call) => runEffect(call, { timeoutMs: 60_000 });
`,
  [`activities/nodes/${file}.ts`]: `import { FREE, type EffectAct } from './act.ts';

export const act${pascal}: EffectAct<'${name}'> = async () => ({ result: { outcome: 'done', output: null, ...FREE }, facts: {} });
`,
  [`web/src/nodes/${pascal}Node.tsx`]: `import { CircleDot } from 'lucide-react';
import { defineView } from './view.ts';

export const ${camel}Node = defineView<'${name}'>({
  label: '${label[0].toUpperCase()}${label.slice(1)}',
  icon: CircleDot,
  summary: () => '',
  fields: () => ({}),
});
`,
};

/** The line goes before the one of \`noop\`, which stands last in every table. */
const LINES = {
  'contract/nodes/index.ts': [
    ["import { noopKind } from './noop.ts';", `import { ${camel}Kind } from './${file}.ts';\n`],
    ['  noop: noopKind,', `  ${name}: ${camel}Kind,\n`],
    ["'noop'] as const satisfies", `'${name}', `],
  ],
  'contract/messages.ts': [['  noop(input: EffectInput)', `  ${name}(input: EffectInput): Promise<EffectResult>;\n`]],
  'contract/sentence.ts': [['  noop: [', `  ${name}: ['${label}', '${label} steps'],\n`]],
  'workflows/nodes/index.ts': [
    ["import { runNoop } from './noop.ts';", `import { run${pascal} } from './${file}.ts';\n`],
    ['  noop: runNoop,', `  ${name}: run${pascal},\n`],
  ],
  'activities/nodes/index.ts': [
    ["import { actNoop } from './noop.ts';", `import { act${pascal} } from './${file}.ts';\n`],
    ['  noop: actNoop,', `  ${name}: act${pascal},\n`],
  ],
  'activities/index.ts': [['    noop: effectActivity(', `    ${name}: effectActivity(deps, ledger, '${name}', EFFECT_ACTS.${name}),\n`]],
  'web/src/nodes/index.ts': [
    ["import { noopNode } from './NoopNode.tsx';", `import { ${camel}Node } from './${pascal}Node.tsx';\n`],
    ['  noop: noopNode,', `  ${name}: ${camel}Node,\n`],
  ],
  'test/pins/names.txt': [
    [/ noop$/m, ` ${name}`],
    [/(?<=^effect kinds: .*) noop$/m, ` ${name}`],
  ],
  'test/replay/scenes-kinds.ts': [
    ['  llm: async (t)', `  'kind-${file}': async (t) => t.end(await t.start([{ id: 'it', kind: '${name}', with: {} }])),\n`],
  ],
  'docs/plan.md': [['| `noop` ', `| \`${name}\` | nothing | null |\n`]],
};

const taken = Object.keys(FILES).filter((target) => existsSync(path.join(root, target)));
if (taken.length > 0) fail(`There is a kind \`${name}\` already: ${taken[0]}.`);
const changed = Object.entries(LINES).map(([target, lines]) => [target, withLines(target, lines)]);
for (const [target, text] of [...Object.entries(FILES), ...changed]) writeFileSync(path.join(root, target), text);
const written = [...Object.keys(FILES), ...Object.keys(LINES)].filter((target) => !target.endsWith('.txt'));
execFileSync(process.execPath, [path.join(root, 'node_modules/oxfmt/bin/oxfmt'), ...written], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});

console.log(`The kind \`${name}\` has its four files and its lines in the tables. Now say what it does:`);
for (const target of Object.keys(FILES)) console.log(`  ${target}`);
console.log(`  test/replay/scenes-kinds.ts: what its scene \`kind-${file}\` does
  docs/plan.md, contract/sentence.ts, CHANGELOG.md
What no check asks for is listed in AGENTS.md, "A new node kind". At last \`npm run replay:record\` makes the history of the scene by a
real run, without which \`npm run check\` fails; \`npm run replay:record -- kind-${file}\` makes it anew.
A kind that never leaves the interpreter: lane \`control\`, effectMode null, no file and no lines in activities/ and messages.ts.`);

/** Throws nothing: ends with a sentence when a table does not look as it should. */
function withLines(target, lines) {
  return lines.reduce(
    (text, [anchor, line]) => {
      const at = typeof anchor === 'string' ? text.indexOf(anchor) : text.search(anchor);
      if (at === -1) fail(`${target} does not hold \`${anchor}\`, so nothing was written.`);
      return text.slice(0, at) + line + text.slice(at);
    },
    readFileSync(path.join(root, target), 'utf8'),
  );
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
