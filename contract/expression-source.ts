/** CEL source of a syntax tree. The library's own `serialize` drops brackets that matter (`1 - (2 - 3)`) and digits of numbers. */
import { serialize, type ASTNode } from '@marcbachmann/cel-js';

type Node = { op: string; args: unknown };

/** Higher binds tighter. What is not here is a value, a name, a call or a list and needs no brackets. */
const BINDING: Record<string, number> = {
  '?:': 1,
  '||': 2,
  '&&': 3,
  '==': 4,
  '!=': 4,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  in: 5,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
  '%': 7,
  '!_': 8,
  '-_': 8,
};
const TIGHTEST = 9;

const bindingOf = ({ op }: Node): number => BINDING[op] ?? TIGHTEST;

/** Throws Error on an operator that it does not know. */
export function sourceOf(node: Node): string {
  const args = node.args as [string & Node, string & Node, string & Node];
  switch (node.op) {
    case 'value':
      return valueSource(node);
    case 'id':
      return String(node.args);
    case '.':
      return `${receiver(args[0])}.${args[1]}`;
    case '[]':
      return `${receiver(args[0])}[${sourceOf(args[1])}]`;
    case 'call':
      return `${args[0]}(${listSource(args[1])})`;
    case 'rcall':
      return `${receiver(args[1])}.${args[0]}(${listSource(args[2])})`;
    case 'list':
      return `[${listSource(args)}]`;
    case 'map':
      return `{${(args as unknown as [Node, Node][]).map(([key, value]) => `${sourceOf(key)}: ${sourceOf(value)}`).join(', ')}}`;
    default:
      return operatorSource(node);
  }
}

function operatorSource(node: Node): string {
  const own = bindingOf(node);
  if (own === TIGHTEST) throw new Error(`\`${node.op}\` is not available`);
  if (node.op === '!_' || node.op === '-_') return `${node.op[0]}${bracketed(node.args as Node, TIGHTEST)}`;
  const [first, second, third] = node.args as [Node, Node, Node];
  if (node.op === '?:') return `${bracketed(first, own + 1)} ? ${bracketed(second, own + 1)} : ${sourceOf(third)}`;
  return `${bracketed(first, own)} ${node.op} ${bracketed(second, own + 1)}`;
}

/** In brackets unless it binds at least as tightly as `least`. */
function bracketed(node: Node, least: number): string {
  return bindingOf(node) >= least ? sourceOf(node) : `(${sourceOf(node)})`;
}

/** What stands before a dot or an index; a number there would swallow the dot. */
function receiver(node: Node | undefined): string {
  if (node === undefined) throw new Error('a receiver is missing');
  const isNumber = node.op === 'value' && typeof node.args !== 'string';
  return isNumber ? `(${sourceOf(node)})` : bracketed(node, TIGHTEST);
}

const listSource = (nodes: unknown): string => (nodes as Node[]).map(sourceOf).join(', ');

function valueSource(node: Node): string {
  const value = node.args;
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
  // JSON's escapes are CEL's, too.
  if (typeof value === 'string') return JSON.stringify(value);
  return serialize(node as ASTNode);
}
