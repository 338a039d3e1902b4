/** Files that are made of text which nobody has approved, and are run later in the plan: the packet can see both. Pure. */
import { actsOf, type Act } from '../commands/acts.ts';
import { madeBy, plain, type Made } from '../commands/makers.ts';
import { baseName } from '../commands/names.ts';
import { plannedCommands } from '../commands/planned.ts';
import { filesRunBy } from '../commands/trace.ts';
import { finding } from './finding.ts';
import { untrustedTexts, type IsUntrusted } from './untrusted-text.ts';
import type { Finding } from '../objects.ts';
import { isDynamic, pathCovers, readableWord } from '../pattern.ts';
import { allNodes, type Plan, type PlanNode } from '../plan.ts';
import { asPattern, hasReference } from '../template.ts';
import { knownDiff, pathsOfDiff } from '../unified-diff.ts';

/** What these run is not among their words: by program, the files that say it. */
const RUN_BY: readonly [RegExp, RegExp][] = [
  [/^(?:npm|pnpm|yarn|bun|npx)$/, /^package\.json$/],
  [/^(?:g?make|bmake)$/, /^(?:GNUmakefile|[Mm]akefile)$/],
  [/^just$/, /^\.?[Jj]ustfile$/],
  [/^task$/, /^Taskfile\.ya?ml$/],
  [/^rake$/, /^Rakefile$/],
  [/^cargo$/, /^(?:build\.rs|Cargo\.toml)$/],
  [/^(?:pip|pip3|uv|poetry)$/, /^(?:setup\.py|pyproject\.toml)$/],
  [/^(?:pytest|tox|nox)$/, /^(?:conftest\.py|tox\.ini|noxfile\.py)$/],
  [/^(?:gradle|gradlew)$/, /^(?:build|settings)\.gradle(?:\.kts)?$/],
  [/^(?:docker|podman|docker-compose)$/, /^(?:Dockerfile|Containerfile|(?:docker-)?compose\.ya?ml)$/],
];
/** They run the files that they are given, and are in no other table. */
const TEST_RUNNERS = /^(?:pytest|vitest|jest|mocha|ava|tap|rspec|phpunit|bats)$/;
/** Of one plan; of one path, or of those that are open. */
const MAX_FOUND = 50;
const MAX_SAME = 100;
const MAX_TRIES = 5000;
const OPEN_START = /^\*/;

type Written = { node: PlanNode; path: string; quote: string };

/** By the whole path, and by the name of what a tool reads by itself; `open`: paths of which a part is only known at run time. */
type Index = { exact: Map<string, Written[]>; builds: Written[]; open: Written[] };

export function writtenFindings(plan: Plan): Finding[] {
  const nodes = [...allNodes(plan.nodes)];
  const isUntrusted = untrustedTexts(plan);
  const steps = nodes.map(({ node }) => ({ node, acts: plannedCommands(node).flatMap(actsOf) }));
  const index = indexOf(
    steps.flatMap(({ node, acts }) => [...writtenByPatch(node, isUntrusted), ...writtenByProcess(node, acts, isUntrusted)]),
  );
  if (index.exact.size + index.open.length === 0) return [];
  const before = beforeOf(nodes);
  const found = new Map<string, Finding>();
  let tries = 0;
  for (const { node, acts } of steps)
    for (const act of acts)
      for (const file of filesOf(act, index)) {
        const key = `${file.node.id} ${file.path} ${node.id}`;
        if (found.has(key) || found.size >= MAX_FOUND || ++tries > MAX_TRIES) continue;
        if (file.node === node ? isAfter(node, file, act) : !before(node, file.node)) found.set(key, findingOf(file, node, act));
      }
  return [...found.values()];
}

function indexOf(written: readonly Written[]): Index {
  const exact = new Map<string, Written[]>();
  const open: Written[] = [];
  const builds: Written[] = [];
  for (const file of written) {
    const isOpen = isDynamic(file.path);
    const name = readableWord(file.path);
    const same = exact.get(name) ?? [];
    if (
      isOpen
        ? OPEN_START.test(file.path) || open.length >= MAX_SAME
        : same.length >= MAX_SAME || same.some(({ node }) => node === file.node)
    )
      continue;
    if (isOpen) open.push(file);
    else exact.set(name, [...same, file]);
    if (!isOpen && builds.length < MAX_SAME && RUN_BY.some(([, build]) => build.test(baseName(name)))) builds.push(file);
  }
  return { exact, builds, open };
}

const findingOf = (file: Written, node: PlanNode, act: Act): Finding =>
  finding({
    rule: 'RUNS_WRITTEN_TEXT',
    severity: 'high',
    node: node.id,
    message: `It runs \`${readableWord(file.path)}\`, which ${file.node === node ? 'it' : `\`${file.node.id}\``} makes of text that nobody has approved. Nobody is asked about that.`,
    evidence: `${file.node.id}: ${clip(file.quote)} → ${node.id}: ${clip(act.text)}`,
    remedy: 'Let a person read the file before it is run: put a `gate` between the two that shows it.',
  });

const clip = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return `\`${line.length > 120 ? `${line.slice(0, 120)}…` : line}\``;
};

function writtenByPatch(node: PlanNode, isUntrusted: IsUntrusted): Written[] {
  if (node.kind !== 'patch') return [];
  const { files = [], diff } = node.with;
  const foreign = files.filter(({ content }) => content !== null && isUntrusted(content));
  const ofDiff = diff !== undefined && isUntrusted(diff) ? pathsOfDiff(knownDiff(diff) ?? []).map((path) => ({ path, content: diff })) : [];
  return [...foreign, ...ofDiff].map(({ path, content }) => ({
    node,
    path: plain(asPattern(path)),
    quote: `${path}: ${referenceIn(content ?? '')}`,
  }));
}

const referenceIn = (text: string): string => text.slice(Math.max(0, text.indexOf('${{') - 20));

function writtenByProcess(node: PlanNode, acts: readonly Act[], isUntrusted: IsUntrusted): Written[] {
  if (node.kind !== 'process') return [];
  const isFed = node.with.stdin !== undefined && isUntrusted(node.with.stdin);
  const origins = new Map<string, string[]>();
  let known: Made[] = [];
  return acts.flatMap((act) => {
    const made = madeBy(act, known);
    known = [...known, ...made].slice(-40);
    const sources = sourcesOf(act).flatMap((file) => origins.get(file) ?? [file]);
    const all = [...made.map(({ path }) => path), ...(isFed ? [...act.writes, ...(act.program === 'tee' ? act.args : [])].map(plain) : [])];
    return [...new Set(all)].flatMap((path) => {
      origins.set(path, sources);
      // The text of the project at another place, or edited, is still its text.
      const isOwn = sources.length > 0 && sources.every((source) => baseName(source) === baseName(path)) && !isFed;
      return isOwn || hasReference(path) ? [] : [{ node, path, quote: act.text }];
    });
  });
}

const FILTERS = /^(?:jq|yq|sed|awk|gawk|grep|rg|tr)$/;

/** Files whose text goes into what it writes. */
function sourcesOf({ program, args, reads, from }: Act): string[] {
  const own = args.filter((word) => !word.startsWith('-'));
  const named = FILTERS.test(program) ? own.slice(1) : /^(?:cp|mv|install|ln)$/.test(program) ? own.slice(0, -1) : own;
  const before = from.flatMap(({ words, reads: read }) => [...words.slice(1).filter((word) => !word.startsWith('-')), ...read]);
  return [...named, ...reads, ...before].map(plain);
}

function filesOf(act: Act, { exact, builds, open }: Index): Written[] {
  const words = [...new Set([...filesRunBy(act), ...(TEST_RUNNERS.test(act.program) ? act.args : [])].map(plain))];
  const [, build] = RUN_BY.find(([programs]) => programs.test(act.program)) ?? [];
  const folders = build === undefined ? [] : ['', ...act.args.map(plain)];
  const isBuilt = (name: string): boolean =>
    build?.test(baseName(name)) === true && folders.includes(name.slice(0, Math.max(0, name.lastIndexOf('/'))));
  return [
    ...words.flatMap((word) => exact.get(word) ?? []),
    ...builds.filter(({ path }) => isBuilt(readableWord(path))),
    ...open.filter(({ path }) => words.some((word) => pathCovers(path, word))),
  ];
}

/** A patch is made before what checks it. A script may go round, so any other command of it counts. */
function isAfter(node: PlanNode, file: Written, act: Act): boolean {
  return node.kind === 'patch' || act.text !== file.quote;
}

/** Whether one node is over before another one begins. */
function beforeOf(nodes: { node: PlanNode; parent: PlanNode | null }[]): (first: PlanNode, second: PlanNode) => boolean {
  const needs = new Map(nodes.map(({ node, parent }) => [node.id, [...node.needs, ...(parent === null ? [] : parent.needs)]]));
  return (first, second) => {
    const seen = new Set<string>();
    const open = [second.id];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const need of needs.get(id) ?? []) if (!seen.has(need)) open.push(need);
      for (const need of needs.get(id) ?? []) seen.add(need);
    }
    return seen.has(first.id);
  };
}
