/** The shipped plans: each is valid, and its commands do their work on repositories of every shape. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Json, JsonObject } from '#contract/json.ts';
import { parseExpression } from '#contract/expression.ts';
import { topologicalOrder } from '#contract/plan-graph.ts';
import { checkPlan, stripMarks } from '#contract/plan-check.ts';
import { envelopeOf, permitFaults } from '#contract/plan-envelope.ts';
import { validations } from '#contract/nodes/patch.ts';
import { bodyOf, type NodeOf, type Plan, type PlanNode } from '#contract/plan.ts';
import { renderValue } from '#contract/template.ts';

const FILES = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yaml'));
const ALLOWED = ['git', 'sh', 'find', 'grep', 'wc', 'sort', 'awk', 'sed', 'head', 'test'];
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function load(name: string): Plan {
  const { plan, faults } = checkPlan(parse(readFileSync(path.join(import.meta.dirname, name), 'utf8')));
  expect(faults).toEqual([]);
  if (!plan) throw new Error(`${name} is not valid`);
  return plan;
}

function git(cwd: string, ...argv: string[]): string {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...argv], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A repository with one commit that holds these files. */
function repository(files: Record<string, string | Buffer>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'gimo examples '));
  folders.push(root);
  git(root, 'init', '--quiet');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--allow-empty', '-m', 'first');
  return root;
}

type Context = {
  inputs: JsonObject;
  nodes: Record<string, { output: Json; status: string }>;
  run: { id: string };
  [name: string]: unknown;
};

/** Carries a plan out one node after another, without fence or durability: enough to see what its commands print. */
class ByHand {
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
      const holds = node.when === undefined || parseExpression(stripMarks(node.when)).evaluate(context);
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
    if (node.kind === 'transform') return parseExpression(node.with.expr).evaluate(context);
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

describe('every shipped plan', () => {
  it.each(FILES)('%s is valid and starts only programs that exist everywhere', (name) => {
    const programs = envelopeOf(load(name)).commands.map(([program]) => program);
    expect(programs.filter((program) => !ALLOWED.includes(program ?? ''))).toEqual([]);
  });

  it.each(FILES)('%s passes values to shells by argument, never inside the script', (name) => {
    const scripts = envelopeOf(load(name))
      .commands.filter(([program, option]) => program === 'sh' && option === '-c')
      .map((argv) => argv[2] ?? '');
    expect(scripts.filter((script) => /(?<!\\)\*/.test(script.replaceAll('\\\\', '')))).toEqual([]);
  });
});

describe('repo-health', () => {
  it('reports on a repository with spaces and other scripts in its names', () => {
    const root = repository({
      'src/main file.py': '# TODO: a marker\nprint(1)\n',
      'tests/test_main.py': 'assert True\n',
      'pyproject.toml': '[project]\n',
      'packages/first one/package.json': '{}\n',
      'packages/größe/Cargo.toml': '[package]\n',
      'not-a-package.json.bak': 'FIXME\n',
    });
    const { nodes } = new ByHand(load('repo-health.yaml'), root).run();
    expect(nodes['packages']?.output).toMatchObject({ lines: ['.', './packages/first one', './packages/größe'] });
    expect(nodes['tests']?.output).toMatchObject({ json: 1 });
    expect(nodes['marker_count']?.output).toMatchObject({ json: 2 });
    const report = readFileSync(path.join(root, 'reports/repo-health.md'), 'utf8');
    expect(report).toContain('| `.` | 6 |');
    expect(report).toContain('| `./packages/first one` | 1 | 3 |');
    expect(report).toContain('| `src/main file.py` | 26 |');
    expect(report).toContain('    src/main file.py:1:# TODO: a marker');
    expect(report).not.toContain('example.invalid');
  });

  it('reports on a repository whose only commit is empty', () => {
    const root = repository({});
    const { nodes } = new ByHand(load('repo-health.yaml'), root).run();
    expect(nodes['inventory']?.output).toMatchObject({ json: { files: 0, bytes: 0 } });
    expect(readFileSync(path.join(root, 'reports/repo-health.md'), 'utf8')).toContain('There are none.');
  });
});

describe('mass-edit', () => {
  it('removes blanks at line ends, and rolls back a file whose encoding would be changed', () => {
    const latin1 = Buffer.from([0x67, 0x72, 0xfc, 0x6e, 0x20, 0x0a]);
    const root = repository({ 'a b.txt': 'one  \ntwo\t\nthree', 'latin.txt': latin1, 'clean.txt': 'clean\n', 'notes.md': 'break  \n' });
    const { nodes } = new ByHand(load('mass-edit.yaml'), root).run();
    expect(nodes['summary']?.output).toEqual({ found: 2, changed: ['a b.txt'], rolled_back: ['latin.txt'], failed: [] });
    expect(nodes['report']?.output).toBe('Changed 1 of 2 files.\nRolled back: latin.txt');
    expect(readFileSync(path.join(root, 'a b.txt'), 'utf8')).toBe('one\ntwo\nthree');
    expect(readFileSync(path.join(root, 'latin.txt'))).toEqual(latin1);
    expect(readFileSync(path.join(root, 'notes.md'), 'utf8')).toBe('break  \n');
  });

  it('keeps to the pattern and the limit', () => {
    const root = repository({ 'a.txt': 'x \n', 'b.txt': 'x \n', 'c.sh': 'x \n' });
    const { nodes } = new ByHand(load('mass-edit.yaml'), root).run({ pattern: '*.txt', limit: 1 });
    expect(nodes['find_files']?.output).toMatchObject({ lines: ['a.txt'] });
    expect(nodes['summary']?.output).toEqual({ found: 1, changed: ['a.txt'], rolled_back: [], failed: [] });
  });

  it('ends well where nothing is to be done', () => {
    const { nodes } = new ByHand(load('mass-edit.yaml'), repository({})).run();
    expect(nodes['summary']?.output).toEqual({ found: 0, changed: [], rolled_back: [], failed: [] });
    expect(nodes['report']?.output).toBe('No file needed a change.');
  });
});

describe('review', () => {
  it('gives the model the changes and writes its answer', () => {
    const root = repository({ 'a.txt': 'hello\n' });
    const { nodes } = new ByHand(load('review.yaml'), root).run();
    expect(nodes['changes']?.output).toMatchObject({ stdout: expect.stringContaining('+hello') });
    expect(readFileSync(path.join(root, 'reports/review.md'), 'utf8')).toMatch(/## Review\n\na review of \d+ characters/);
  });
});
