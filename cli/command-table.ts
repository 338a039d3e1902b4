/** One command for each route, with its words and options. */
import { commandName } from '#contract/routes/command.ts';
import { ROUTE_IDS, ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import { optionsOf, type OptionSpec } from './schema-options.ts';

export type CommandSpec = {
  id: RouteId;
  route: Route;
  /** Null for a command without a group. */
  group: string | null;
  verb: string;
  /** Path parameters, in their order. */
  params: string[];
  options: OptionSpec[];
  /** The option that may be typed as a word, without its name. */
  word: OptionSpec | null;
  takesBody: boolean;
  needsBody: boolean;
};

export function commandTable(): CommandSpec[] {
  return ROUTE_IDS.map(commandOf);
}

export function commandOf(id: RouteId): CommandSpec {
  const route: Route = ROUTES[id];
  const query = optionsOf(route.query, 'query');
  const taken = new Set(query.map((option) => option.flag));
  const body = optionsOf(route.body, 'body').map((option) =>
    taken.has(option.flag) ? { ...option, flag: `body-${option.flag}` } : option,
  );
  return {
    id,
    route,
    ...commandName(id),
    params: [...route.path.matchAll(/\{(\w+)\}/g)].flatMap((match) => match[1] ?? []),
    options: [...query, ...body],
    word: query.find(({ field }) => field === WORDS[id]?.field) ?? null,
    takesBody: route.body !== undefined,
    needsBody: route.body !== undefined && !route.body.safeParse(undefined).success,
  };
}

/** An example that a person can copy, for `--help`. */
export function exampleOf(spec: CommandSpec): string {
  const words = ['gimo', ...(spec.group === null ? [] : [spec.group]), spec.verb];
  const params = spec.params.map((name) => EXAMPLE_PARAMS[spec.route.path.split('/')[2] ?? '']?.[name] ?? `<${name}>`);
  const word = WORDS[spec.id]?.example;
  const options = EXAMPLE_OPTIONS[spec.id] ?? (spec.needsBody ? ['--body', 'body.json'] : []);
  return [...words, ...params, ...(word === undefined ? [] : [word]), ...options].join(' ');
}

/** Where options say more than a file. */
const EXAMPLE_OPTIONS: Partial<Record<RouteId, string[]>> = {
  runs_pause: ['--running', 'stop'],
  runs_skip: ['--reason', '"not needed any more"'],
  runs_fork: ['--from-node', 'report'],
  runs_priority: ['--priority', 'high'],
};

const WORDS: Partial<Record<RouteId, { field: string; example: string }>> = {
  tree: { field: 'path', example: 'src' },
  file: { field: 'path', example: 'README.md' },
  search: { field: 'q', example: 'TODO' },
  diff: { field: 'path', example: 'src' },
};

const ULID = '01J8ZC5V3N9Q2T4W6Y8B0D2F4H';
const EXAMPLE_PARAMS: Record<string, Record<string, string>> = {
  drafts: { id: `d_${ULID}` },
  approved: { id: `a_${ULID}` },
  runs: { id: `r_${ULID}`, node: 'report', other: 'r_01J8ZD7T2K4M6P8R0V2X4Z6B8D' },
  gates: { id: `g_${ULID}` },
  webhooks: { id: `w_${ULID}` },
  tokens: { id: `t_${ULID}` },
};
