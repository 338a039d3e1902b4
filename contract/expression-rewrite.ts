/** Static part of the expression budget: refuses what cannot be bounded and wraps what must be counted while it runs. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { sourceOf } from './expression-source.ts';

export const CHARGE = 'gimo_charge';
export const LINEAR_MATCHES = 'gimo_matches';

const COMPREHENSIONS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
const COPYING_OPERATORS = new Set(['+', 'in', '==', '!=']);
const MAX_COMPREHENSION_DEPTH = 3;

type MutableNode = { op: string; args: unknown };

/** What an expression reads. `roots` are free identifiers; `nodes` and `inputs` the names behind `nodes.` and `inputs.`. */
export type ExpressionReads = { roots: Set<string>; nodes: Set<string>; inputs: Set<string> };

function isNode(value: unknown): value is MutableNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function charged(node: unknown): MutableNode {
  return { op: 'call', args: [CHARGE, [node]] };
}

class Rewriter {
  readonly reads: ExpressionReads = { roots: new Set(), nodes: new Set(), inputs: new Set() };
  #bound: string[] = [];

  visit(node: unknown): void {
    if (!isNode(node)) return;
    if (node.op === 'id') this.#identifier(String(node.args));
    else if (node.op === '.' || node.op === '[]') this.#access(node);
    else if (node.op === 'rcall') this.#method(node);
    else if (node.op === 'value') return;
    else this.#operator(node);
  }

  #identifier(name: string): void {
    if (!this.#bound.includes(name)) this.reads.roots.add(name);
  }

  /** `nodes.x` and `nodes["x"]` name a node; any other index into `nodes` would hide what the expression depends on. */
  #access(node: MutableNode): void {
    const [target, key] = node.args as [unknown, unknown];
    if (
      isNode(target) &&
      target.op === 'id' &&
      (target.args === 'nodes' || target.args === 'inputs') &&
      !this.#bound.includes(target.args)
    ) {
      const name = typeof key === 'string' ? key : isNode(key) && key.op === 'value' && typeof key.args === 'string' ? key.args : null;
      if (name === null) throw new Error(`${target.args}[…] needs a constant name`);
      this.reads[target.args].add(name);
      return;
    }
    this.visit(target);
    if (node.op === '[]') this.visit(key);
  }

  #method(node: MutableNode): void {
    const args = node.args as [string, unknown, unknown[]];
    const [name, receiver, rest] = args;
    if (name === 'bind') throw new Error('cel.bind is not available');
    this.visit(receiver);
    args[1] = charged(receiver);
    if (COMPREHENSIONS.has(name) && isNode(rest[0]) && rest[0].op === 'id') {
      this.#comprehension(String(rest[0].args), rest.slice(1));
      return;
    }
    if (name === 'matches') args[0] = LINEAR_MATCHES;
    for (const arg of rest) this.visit(arg);
  }

  #comprehension(variable: string, bodies: unknown[]): void {
    if (this.#bound.length >= MAX_COMPREHENSION_DEPTH) throw new Error(`more than ${MAX_COMPREHENSION_DEPTH} nested list expressions`);
    this.#bound.push(variable);
    for (const body of bodies) this.visit(body);
    this.#bound.pop();
  }

  /** Inside a list expression these operators copy or compare whole lists, so their operands count too. */
  #operator(node: MutableNode): void {
    const wraps = this.#bound.length > 0 && COPYING_OPERATORS.has(node.op);
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) for (const item of value) walk(item);
      else this.visit(value);
    };
    walk(node.args);
    if (wraps && Array.isArray(node.args)) node.args = node.args.map(charged);
  }
}

/** In: a parsed expression (consumed). Out: source with counters in it, and what it reads. Throws Error with a sentence. */
export function rewriteExpression(ast: ASTNode): { source: string; reads: ExpressionReads } {
  const rewriter = new Rewriter();
  rewriter.visit(ast);
  return { source: sourceOf(ast), reads: rewriter.reads };
}
