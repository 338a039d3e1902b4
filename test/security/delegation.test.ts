/** Chains of envelopes, each carved out of the one before: whatever the last of them permits, the first one permits too. */
import { describe, expect, it } from 'vitest';
import { outsideOf, type Envelope } from '#contract/envelope.ts';
import { envelopeOutside } from '#contract/envelope-within.ts';
import type { Effects } from '#contract/nodes/kind.ts';
import { escapePattern } from '#contract/pattern.ts';
import { rounds } from '../helpers/deep.ts';
import { randomOf, type Random } from './random.ts';

const CHAINS = rounds({ quick: 1000, deep: 100_000 });
const WORDS = ['git', 'log', '-x', '--all', 'a', 'ab', 'a*', '*', '*b', 'a\\*', '\\*', '', '-*', '**'] as const;
const PARTS = ['src', 'lib', 'a', '*', 'a*', '**', '.', '..', '\\*', 's*c'] as const;
type Choices = readonly [readonly string[], ...(readonly string[])[]];
const REQUESTS = ['POST a', 'POST *', '* a', 'DELETE *b', '*'] as const;
const AROUND: Choices = [[], ['env', 'A=1'], ['env', 'A=*'], ['env', '-C', 'a'], ['env', '-C', '*', 'A=1', 'B=*'], ['env']];
const READ: Choices = [[], ['<<<', '*'], ['<<<', 'a'], ['<<<', '-*']];
const DONE_AROUND: Choices = [[], ['env', 'A=1'], ['env', 'A=2'], ['env', '-C', 'a'], ['env', '-C', 'b', 'A=1', 'B=2']];
const DONE_READ: Choices = [[], ['<<<', 'a'], ['<<<', '-ab']];
const VALUES = ['git', 'log', '-x', '--all', 'a', 'ab', 'abb', 'b', '*', 'a*', '-ab', 'src', 'x'] as const;

function list<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: random.below(most + 1) }, make);
}

const path = (random: Random, parts: readonly [string, ...string[]]): string =>
  (random.below(8) === 0 ? '/' : '') + Array.from({ length: 1 + random.below(3) }, () => random.pick(parts)).join('/');

function envelope(random: Random): Envelope {
  const word = (): string => random.pick(WORDS);
  const words = (): string[] => list(random, 3, word);
  return {
    kinds: list(random, 3, () => random.pick(['noop', 'process', 'http'])),
    commands: list(random, 3, () => [...random.pick(AROUND), word(), ...words(), ...random.pick(READ)]),
    paths: { read: list(random, 3, () => path(random, PARTS)), write: list(random, 3, () => path(random, PARTS)) },
    hosts: words(),
    tools: words(),
    models: words(),
    secrets: words(),
    requests: list(random, 3, () => random.pick(REQUESTS)),
    budget: { usd: random.below(4), tokens: random.below(4), wall_ms: 1000 + random.below(4) },
    max_nodes: 1 + random.below(4),
    max_depth: 1 + random.below(4),
    max_parallel: 1 + random.below(4),
  };
}

/** Something that a node might really do: nothing in it is a pattern. */
function effects(random: Random): Effects {
  const value = (): string => escapePattern(random.pick(VALUES));
  const file = (): string => escapePattern(path(random, ['src', 'lib', 'a', 'ab', '*', '..', '.', 'sxc']));
  return {
    commands: [[...random.pick(DONE_AROUND), value(), ...list(random, 3, value), ...random.pick(DONE_READ)]],
    read: [file()],
    write: [file()],
    hosts: [value()],
    tools: [value()],
    models: [value()],
    secrets: [value()],
    requests: [random.pick(['POST a', 'POST b', 'DELETE a', 'DELETE ab'])],
  };
}

/** Keeps of a random envelope what its parent covers, so that chains do not end at once. */
function childOf(parent: Envelope, random: Random): Envelope {
  const drawn = envelope(random);
  const covered = <T>(items: T[], of: (item: T) => Partial<Envelope>): T[] =>
    items.filter((item) => envelopeOutside(parent, { ...NONE, ...of(item) }).length === 0);
  const less = (most: number, least: number): number => least + random.below(most - least + 1);
  return {
    kinds: covered(drawn.kinds, (kind) => ({ kinds: [kind] })),
    commands: covered(drawn.commands, (argv) => ({ commands: [argv] })),
    paths: {
      read: covered(drawn.paths.read, (read) => ({ paths: { read: [read], write: [] } })),
      write: covered(drawn.paths.write, (write) => ({ paths: { read: [], write: [write] } })),
    },
    hosts: covered(drawn.hosts, (host) => ({ hosts: [host] })),
    tools: covered(drawn.tools, (tool) => ({ tools: [tool] })),
    models: covered(drawn.models, (model) => ({ models: [model] })),
    secrets: covered(drawn.secrets, (secret) => ({ secrets: [secret] })),
    requests: covered(drawn.requests ?? [], (request) => ({ requests: [request] })),
    budget: { usd: less(parent.budget.usd, 0), tokens: less(parent.budget.tokens, 0), wall_ms: less(parent.budget.wall_ms, 1000) },
    max_nodes: less(parent.max_nodes, 1),
    max_depth: less(parent.max_depth, 1),
    max_parallel: less(parent.max_parallel, 1),
  };
}

const NONE: Envelope = {
  kinds: [],
  commands: [],
  paths: { read: [], write: [] },
  hosts: [],
  tools: [],
  models: [],
  secrets: [],
  budget: { usd: 0, tokens: 0, wall_ms: 0 },
  max_nodes: 0,
  max_depth: 0,
  max_parallel: 0,
};

/** Each part of the effects that `grants` covers. */
function granted(grants: Envelope, done: Effects): string[] {
  const empty: Effects = { commands: [], read: [], write: [], hosts: [], tools: [], models: [], secrets: [], requests: [] };
  return (Object.keys(empty) as (keyof Effects)[]).filter((part) => outsideOf(grants, { ...empty, [part]: done[part] }).length === 0);
}

/** Out: what is wrong with a chain, null when nothing is. */
function faultOf(seed: number): string | null {
  const random = randomOf(seed);
  const chain = [envelope(random)];
  for (let link = 1 + random.below(4); link > 0; link--) chain.push(childOf(chain.at(-1) ?? NONE, random));
  const [first = NONE] = chain;
  const last = chain.at(-1) ?? NONE;
  const outside = envelopeOutside(first, last);
  if (outside.length > 0) return `the last envelope is outside of the first: ${JSON.stringify([outside, chain])}`;
  const done = effects(random);
  const more = granted(last, done).filter((part) => !granted(first, done).includes(part));
  return more.length === 0 ? null : `the last envelope permits more (${more.join(', ')}): ${JSON.stringify([done, chain])}`;
}

describe('a chain of envelopes', () => {
  it(`never permits more at its end than at its beginning (${CHAINS.toLocaleString('en')} chains)`, { timeout: 300_000 }, () => {
    const faults: string[] = [];
    for (let seed = 0; seed < CHAINS && faults.length < 3; seed++) {
      const fault = faultOf(seed);
      if (fault !== null) faults.push(`seed ${seed}: ${fault}`);
    }
    expect(faults).toEqual([]);
  });

  it('has members that are refused as soon as one part is wider', () => {
    const parent: Envelope = {
      ...NONE,
      kinds: ['noop'],
      commands: [['git', '**']],
      paths: { read: ['src/**'], write: ['src/a'] },
      hosts: ['*.example.org'],
      budget: { usd: 1, tokens: 1, wall_ms: 1000 },
      max_nodes: 2,
      max_depth: 1,
      max_parallel: 1,
    };
    const wider: Partial<Envelope>[] = [
      { kinds: ['process'] },
      { commands: [['git'], ['sh']] },
      { commands: [['**']] },
      { paths: { read: ['**'], write: [] } },
      { paths: { read: [], write: ['src/**'] } },
      { hosts: ['example.org'] },
      { tools: ['webhook/x'] },
      { models: ['m'] },
      { secrets: ['KEY'] },
      { budget: { usd: 1.01, tokens: 1, wall_ms: 1000 } },
      { budget: { usd: 1, tokens: 2, wall_ms: 1000 } },
      { budget: { usd: 1, tokens: 1, wall_ms: 1001 } },
      { max_nodes: 3 },
      { max_depth: 2 },
      { max_parallel: 2 },
    ];
    expect(envelopeOutside(parent, parent)).toEqual([]);
    expect(wider.filter((part) => envelopeOutside(parent, { ...parent, ...part }).length === 0)).toEqual([]);
  });
});
