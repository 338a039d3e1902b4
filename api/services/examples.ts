import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plan } from '#contract/plan.ts';
import type { Core } from '../deps.ts';

export type Example = { name: string; title: string; intent: string; plan: Plan };

const known = new WeakMap<Core, Promise<Example[]>>();

/** The plans that GIMO ships, read once. One that is not valid is left out and named in the log. */
export function readExamples(core: Core): Promise<Example[]> {
  const examples = known.get(core) ?? loadExamples(core);
  known.set(core, examples);
  return examples;
}

async function loadExamples(core: Core): Promise<Example[]> {
  if (!existsSync(core.examplesDir)) return [];
  const files = (await readdir(core.examplesDir)).filter((file) => /\.ya?ml$/.test(file)).sort();
  const found = await Promise.all(files.map((file) => loadExample(core, file)));
  return found.filter((example) => example !== null);
}

async function loadExample(core: Core, file: string): Promise<Example | null> {
  const text = await readFile(path.join(core.examplesDir, file), 'utf8');
  const source = await core.pure.run('parseYaml', { text }, { sizeBytes: text.length });
  const { plan, faults } = await core.pure.run('checkPlan', { plan: source }, { sizeBytes: text.length });
  if (plan !== null) return { name: path.parse(file).name, title: plan.title, intent: plan.intent, plan };
  core.log.error({ file, faults: faults.slice(0, 5) }, 'an example is not a valid plan');
  return null;
}
