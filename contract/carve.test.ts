/** A child may never do more than its parent, however long the chain. `GIMO_TEST_DEEP=1` tries 100,000 chains. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TRUST } from './agents.ts';
import { agentFaults, carveBudget, carveEnvelope, outsideEnvelope, trustFaults } from './carve.ts';
import { outsideOf, type Envelope } from './envelope.ts';
import { NO_EFFECTS } from './nodes/kind.ts';

const CHAINS = process.env['GIMO_TEST_DEEP'] === '1' ? 100_000 : 3000;

/** Small alphabets, so that patterns meet. */
const words = fc.array(fc.constantFrom('a', 'b', '*', 'a*', '*b', 'a*b', 'ab', '-x'), { maxLength: 4 });
const called = fc.array(fc.constantFrom('git', 'log', '*', '-p', '**'), { minLength: 1, maxLength: 3 });
const before = fc.constantFrom([], ['env', 'A=1'], ['env', 'A=*'], ['env', '-C', 'src'], ['env', '-C', '*', 'A=1', 'B=*'], ['env']);
const after = fc.constantFrom([], ['<<<', '*'], ['<<<', 'x'], ['<<<', '-x*']);
const commands = fc.array(
  fc.tuple(before, called, after).map((parts) => parts.flat()),
  { maxLength: 3 },
);
const requests = fc.array(fc.constantFrom('POST a', 'POST *', '* a', 'DELETE a', 'DELETE *b', '*'), { maxLength: 3 });
const paths = fc.array(fc.constantFrom('**', 'src/**', 'src/*', 'src/a', 'docs/**', 'docs/a/b', 'src/*b'), { maxLength: 3 });
const kinds = fc.subarray(['llm', 'process', 'value', 'delegate', 'http']);
const number = fc.integer({ min: 1, max: 50 });
const budgetArb = fc.record({
  usd: fc.double({ min: 0, max: 5, noNaN: true }),
  tokens: fc.integer({ min: 0, max: 5000 }),
  wall_ms: fc.integer({ min: 0, max: 5000 }),
});
const envelopeArb: fc.Arbitrary<Envelope> = fc.record({
  kinds,
  commands,
  paths: fc.record({ read: paths, write: paths }),
  hosts: words,
  tools: words,
  models: words,
  secrets: words,
  requests,
  budget: budgetArb,
  max_nodes: number,
  max_depth: number,
  max_parallel: number,
});

/** Literal effects that somebody may try. */
const TRIED = {
  commands: [
    ['git'],
    ['git', 'log'],
    ['git', 'log', '-p'],
    ['git', '-p'],
    ['log'],
    ['git', 'a', 'b'],
    ['env', 'A=1', 'git'],
    ['env', 'A=2', 'git', 'log'],
    ['env', '-C', 'src', 'git', 'log'],
    ['env', '-C', 'src', 'A=1', 'B=2', 'git', 'log', '<<<', 'x'],
    ['env', 'A=1', 'env', 'git', '<<<', 'x'],
    ['git', '<<<', 'x'],
    ['git', 'log', '<<<', '-xy'],
  ],
  requests: ['POST a', 'POST b', 'DELETE a', 'DELETE ab', 'PUT a'],
  read: ['src/a', 'src/ab', 'src/a/b', 'docs/a', 'docs/a/b', 'x'],
  write: ['src/a', 'src/ab', 'src/a/b', 'docs/a', 'docs/a/b', 'x'],
  word: ['a', 'b', 'ab', 'axb', '-x', 'c'],
};

function allowedBy(envelope: Envelope): string[] {
  const is = (part: Partial<typeof NO_EFFECTS>): boolean => outsideOf(envelope, { ...NO_EFFECTS, ...part }).length === 0;
  return [
    ...envelope.kinds.map((kind) => `kind ${kind}`),
    ...TRIED.commands.filter((argv) => is({ commands: [argv] })).map((argv) => `run ${argv.join(' ')}`),
    ...TRIED.read.filter((path) => is({ read: [path] })).map((path) => `read ${path}`),
    ...TRIED.write.filter((path) => is({ write: [path] })).map((path) => `write ${path}`),
    ...TRIED.requests.filter((word) => is({ requests: [word] })).map((word) => `send ${word}`),
    ...(['hosts', 'tools', 'models', 'secrets'] as const).flatMap((part) =>
      TRIED.word.filter((word) => is({ [part]: [word] })).map((word) => `${part} ${word}`),
    ),
  ];
}

/** What of the wishes the parent covers: most random wishes lie outside, and a chain would end at once. */
function within(parent: Envelope, wish: Envelope): Envelope {
  const kept = <T>(items: T[], part: (item: T) => Partial<typeof NO_EFFECTS>): T[] =>
    items.filter((item) => outsideOf(parent, { ...NO_EFFECTS, ...part(item) }).length === 0);
  return {
    ...wish,
    kinds: wish.kinds.filter((kind) => parent.kinds.includes(kind)),
    commands: kept(wish.commands, (argv) => ({ commands: [argv] })),
    paths: {
      read: kept(wish.paths.read, (path) => ({ read: [path] })),
      write: kept(wish.paths.write, (path) => ({ write: [path] })),
    },
    hosts: kept(wish.hosts, (word) => ({ hosts: [word] })),
    tools: kept(wish.tools, (word) => ({ tools: [word] })),
    models: kept(wish.models, (word) => ({ models: [word] })),
    secrets: kept(wish.secrets, (word) => ({ secrets: [word] })),
    requests: kept(wish.requests ?? [], (word) => ({ requests: [word] })),
    max_depth: Math.min(wish.max_depth, parent.max_depth),
  };
}

describe('what is carved out for a child', () => {
  it('allows nothing that any run above it is not allowed, and never more of the budget', { timeout: 600_000 }, () => {
    let longest = 0;
    fc.assert(
      fc.property(envelopeArb, fc.array(fc.tuple(envelopeArb, budgetArb), { maxLength: 5 }), (root, wishes) => {
        const chain = [root];
        for (const [wish, limit] of wishes) {
          const parent = chain.at(-1) ?? root;
          const budget = carveBudget(parent.budget, wish.budget, limit);
          const child = carveEnvelope(parent, within(parent, wish), budget);
          expect(outsideEnvelope(parent, child)).toEqual([]);
          chain.push(child);
        }
        longest = Math.max(longest, chain.length);
        const last = chain.at(-1) ?? root;
        for (const above of chain) {
          expect(allowedBy(above)).toEqual(expect.arrayContaining(allowedBy(last)));
          for (const part of ['usd', 'tokens', 'wall_ms'] as const) expect(last.budget[part]).toBeLessThanOrEqual(above.budget[part]);
          expect(last.max_nodes).toBeLessThanOrEqual(above.max_nodes);
        }
      }),
      { numRuns: CHAINS },
    );
    expect(longest).toBe(6);
  });

  it('names each part that lies outside', () => {
    const none: Envelope = {
      kinds: ['llm'],
      commands: [],
      paths: { read: [], write: [] },
      hosts: [],
      tools: [],
      models: ['a/*'],
      secrets: [],
      budget: { usd: 1, tokens: 1, wall_ms: 1 },
      max_nodes: 2,
      max_depth: 1,
      max_parallel: 1,
    };
    const commands = [['env', 'A=1', 'git', '<<<', 'x']];
    const wide = { ...none, kinds: ['llm', 'process'], commands, models: ['b/x'], requests: ['POST a'], max_nodes: 3 };
    expect(outsideEnvelope(none, wide).map(({ part, pattern }) => `${part} ${pattern}`)).toEqual([
      'kinds process',
      'commands env A=1 git <<< x',
      'models b/x',
      'requests POST a',
      'max_nodes 3',
    ]);
    expect(outsideEnvelope(none, none)).toEqual([]);
    expect(agentFaults({ envelope: { models: ['a/small'] } }, { ...none, models: ['a/big'] }).map(({ pattern }) => pattern)).toEqual([
      'a/big',
    ]);
    expect(agentFaults({ envelope: {} }, none)).toEqual([]);
  });
});

describe('trust', () => {
  const asks = (change: Partial<Envelope>): Envelope => ({
    kinds: ['llm'],
    commands: [],
    paths: { read: [], write: [] },
    hosts: [],
    tools: [],
    models: [],
    secrets: [],
    budget: { usd: 0, tokens: 0, wall_ms: 0 },
    max_nodes: 1,
    max_depth: 1,
    max_parallel: 1,
    ...change,
  });

  it('sets bounds to kinds, writing, requests, secrets, nodes, depth and the number of delegations', () => {
    const { untrusted, limited, trusted } = DEFAULT_TRUST;
    const here = { depth: 1, children: 0 };
    expect(trustFaults(untrusted, asks({}), here)).toEqual([]);
    expect(trustFaults(untrusted, asks({ kinds: ['process', 'llm'] }), here)).toEqual(['it may not use nodes of the kind process']);
    expect(trustFaults(limited, asks({ kinds: ['process'], paths: { read: [], write: ['out'] } }), here)).toEqual(['it may not write']);
    expect(trustFaults(limited, asks({ hosts: ['a.example'], secrets: ['A'] }), here)).toEqual([
      'it may not send requests',
      'it may not use secrets',
    ]);
    expect(trustFaults(untrusted, asks({ max_nodes: 21 }), { depth: 2, children: 5 })).toHaveLength(3);
    expect(trustFaults(trusted, asks({ kinds: ['process', 'patch'], hosts: ['a.example'] }), { depth: 3, children: 99 })).toEqual([]);
  });
});
