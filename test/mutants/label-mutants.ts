/** Breaks of how labels go through a plan: each loses one way in which text or private data reaches a value. */
import type { Mutant } from './mutant.ts';

const walk = 'contract/label-walk.ts';
const test = 'workflows/labels.test.ts';

export const LABEL_MUTANTS: readonly Mutant[] = [
  {
    promise: 'G3',
    says: 'what a program complained of is trusted in a list that collects errors',
    file: walk,
    old: "return node.kind !== 'http' && (NODE_KINDS[node.kind].lane !== 'control' || OPEN_KINDS.has(node.kind));",
    new: 'return false;',
    test,
    name: 'of a webhook, where a list collects it',
  },
  {
    promise: 'G3',
    says: 'an error that is collected has no label',
    file: walk,
    old: "const isCollected = node.kind === 'map' && node.with.on_item_error === 'collect';",
    new: 'const isCollected = false;',
    test,
    name: 'also that there was none',
  },
  {
    promise: 'G3',
    says: 'how often a loop went round has no label',
    file: walk,
    old: "const course = node.kind === 'loop' ? labelOfCourse(node.with.while, body.place.outer) : CLEAN;",
    new: 'const course = CLEAN;',
    test,
    name: 'by how often a loop goes round',
  },
  {
    promise: 'G3',
    says: 'numbers of how things went spell a text in a loop',
    file: walk,
    old: "if (kind === null || (names.variable('index') !== null && (field !== undefined || kind !== 'gate'))) return false;",
    new: 'if (kind === null) return false;',
    test,
    name: 'by the end of a process in each round',
  },
  {
    promise: 'G3',
    says: 'what a condition left out has no label',
    file: walk,
    old: 'const own = node.when === undefined || this.place.isLiteral ? CLEAN : labelOfCourse(node.when, this.names);',
    new: 'const own = CLEAN;',
    test,
    name: 'by a condition that leaves nodes out',
  },
  {
    promise: 'G3',
    says: 'what was left out with what it needs has no label',
    file: walk,
    old: 'return joinAll([own, ...node.needs.map((need) => this.names.course(need))]);',
    new: 'return own;',
    test,
    name: 'by a condition before it that leaves nodes out',
  },
  {
    promise: 'G3',
    says: 'which needs a join counted has no label',
    file: walk,
    old: "if (node.kind === 'join') return this.#endsOfNeeds(node);",
    new: '',
    test,
    name: 'by which nodes a join counts',
  },
  {
    promise: 'G3',
    says: 'a run asks by other labels than its packet',
    file: 'workflows/ask-flow.ts',
    old: 'if (run.labels.isLasting) return view.usedLabels(node);',
    new: '',
    test: 'workflows/labels-packet.test.ts',
    name: 'says that a person is asked about a node where the run asks',
  },
];
