import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseExpression } from '#contract/expression.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { validations } from '#contract/nodes/patch.ts';
import { stripMarks } from '#contract/plan-check.ts';
import { envelopeOf, permitFaults } from '#contract/plan-envelope.ts';
import { topologicalOrder } from '#contract/plan-graph.ts';
import { bodyOf, isContainer, type NodeOf, type Plan, type PlanNode } from '#contract/plan.ts';
import { renderValue } from '#contract/template.ts';

export function git(cwd: string, ...argv: string[]): string {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...argv], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

type Context = {
  inputs: JsonObject;
  nodes: Record<string, { output: Json; status: string }>;
  run: { id: string };
  [name: string]: unknown;
};

/** Carries a plan out one node after another, without fence or durability: enough to see what its commands print. */
export class ByHand {
  readonly #plan: Plan;
  readonly #cwd: string;
  constructor(plan: Plan, cwd: string) {
    this.#plan = plan;
    this.#cwd = cwd;
  }

  run(inputs: JsonObject = {}): Context {
    const defaults = Object.fromEntries(Object.entries(this.#plan.inputs).map(([name, input]) => [name, input.default ?? null]));
    const context: Context = { inputs: { ...defaults, ...inputs }, nodes: {}, run: { id: 'r_test' } };
    this.#list(this.#plan.nodes, context);
    return context;
  }

  #list(nodes: PlanNode[], context: Context): void {
    for (const id of topologicalOrder(nodes)) {
      const node = nodes.find((item) => item.id === id);
      if (!node) continue;
      const isReached = node.kind === 'join' || node.needs.every((need) => context.nodes[need]?.status !== 'skipped');
      const holds = isReached && (node.when === undefined || parseExpression(stripMarks(node.when)).evaluate(context));
      context.nodes[id] = holds ? this.#attempt(node, context) : { output: null, status: 'skipped' };
    }
  }

  #attempt(node: PlanNode, context: Context): { output: Json; status: string } {
    try {
      return { output: this.#output(node, context), status: 'done' };
    } catch (error) {
      if (node.on_error !== 'continue') throw error;
      return { output: null, status: 'error' };
    }
  }

  #output(node: PlanNode, context: Context): Json {
    if (node.kind === 'map') return this.#map(node, context);
    if (node.kind === 'loop') return this.#loop(node, context);
    if (node.kind === 'transform') return parseExpression(node.with.expr).evaluate(context);
    if (isContainer(node)) return null;
    const rendered = { ...node, with: renderValue(node.with, context) } as PlanNode;
    const outside = permitFaults(envelopeOf(this.#plan), rendered);
    if (outside.length > 0) throw new Error(`${node.id} is not permitted: ${JSON.stringify(outside)}`);
    if (rendered.kind === 'process') return this.#process(rendered);
    if (rendered.kind === 'patch') return this.#patch(rendered);
    if (rendered.kind === 'value') return rendered.with.value;
    if (rendered.kind === 'llm') return { text: `a review of ${rendered.with.prompt.length} characters`, model: 'none' };
    return null;
  }

  #map(node: NodeOf<'map'>, context: Context): Json {
    const items = renderValue(node.with.over, context) as Json[];
    return items.map((item) => {
      const inner: Context = { ...context, nodes: { ...context.nodes }, [node.with.as]: item };
      try {
        this.#list(bodyOf(node), inner);
        return { ok: true, output: parseExpression(node.with.output ?? 'null').evaluate(inner), error: null };
      } catch (error) {
        return { ok: false, output: null, error: { message: String(error) } };
      }
    });
  }

  #loop(node: NodeOf<'loop'>, context: Context): Json {
    let last: Json = null;
    for (let index = 0; index < node.with.max; index++) {
      const inner: Context = { ...context, nodes: { ...context.nodes }, last, index };
      if (parseExpression(node.with.while).evaluate(inner) !== true) break;
      this.#list(bodyOf(node), inner);
      last = inner.nodes[bodyOf(node).at(-1)?.id ?? '']?.output ?? null;
    }
    return last;
  }

  #process({ id, with: { argv, parse: how, allow_exit: allowed } }: NodeOf<'process'>): Json {
    const { status, stdout, stderr } = spawnSync(argv[0] ?? '', argv.slice(1), { cwd: this.#cwd, encoding: 'utf8' });
    if (status === null || !allowed.includes(status)) throw new Error(`${id} ended with ${status}: ${stderr}`);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return { exit_code: status, stdout, ...(how === 'lines' ? { lines } : how === 'json' ? { json: JSON.parse(stdout) as Json } : {}) };
  }

  #patch({ with: { files = [], validate } }: NodeOf<'patch'>): Json {
    for (const file of files) {
      mkdirSync(path.dirname(path.join(this.#cwd, file.path)), { recursive: true });
      writeFileSync(path.join(this.#cwd, file.path), file.content ?? '');
    }
    for (const argv of validations(validate)) {
      const { status, stderr } = spawnSync(argv[0] ?? '', argv.slice(1), { cwd: this.#cwd, encoding: 'utf8' });
      if (status === 0) continue;
      git(this.#cwd, 'checkout', '--quiet', '--', '.');
      throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`);
    }
    git(this.#cwd, 'add', '--all');
    git(this.#cwd, 'commit', '--quiet', '-m', 'change');
    return { commit: git(this.#cwd, 'rev-parse', 'HEAD').trim(), files: files.map((file) => file.path) };
  }
}
