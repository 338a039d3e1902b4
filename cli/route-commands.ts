/** Adds one command for each row of the route table. */
import { Option, type Command } from 'commander';
import { isJsonObject, type JsonObject } from '#contract/json.ts';
import type { RouteId } from '#contract/routes/index.ts';
import { asText } from '#contract/template.ts';
import { compareLines } from './compare-view.ts';
import { commandTable, exampleOf, type CommandSpec } from './command-table.ts';
import { readDocument } from './documents.ts';
import { CliFailure, EXIT } from './failure.ts';
import { nodeLines } from './node-view.ts';
import { gateScreen } from './gate-view.ts';
import { packetScreen } from './packet-view.ts';
import { shownFirst } from './shown-first.ts';
import { isRepeated, optionFlags, optionValue, type OptionSpec } from './schema-options.ts';
import type { ApiClient, CallInput, DataOf } from './api-client.ts';
import { PLAN_VIEWS } from './plan-views.ts';
import { withoutControls } from './terminal.ts';
import type { Session } from './session.ts';
import { REPO_VIEWS } from './repo-views.ts';
import { answerLines } from './table.ts';
import { TOKEN_VIEWS } from './token-views.ts';
import { printStream } from './stream-output.ts';
import type { Paint } from './terminal.ts';

/** Of the fields of a body, so many are named where all are missing. */
const NAMED_OPTIONS = 6;

const GROUPS: Record<string, string> = {
  drafts: 'Plans that wait for a decision',
  approved: 'Approved artifacts',
  runs: 'Runs and what they did',
  gates: 'Questions that runs ask',
  webhooks: 'Where GIMO reports to',
  provider: 'Language model providers',
  config: 'Configuration of the instance',
  plan: 'The active plan',
  auth: 'Browser sessions',
  tokens: 'Named tokens of people and agents',
  security: 'Lockdown and security events',
  audit: 'The audit log',
  allowlist: 'Repositories that may be selected',
  repos: 'Repositories to work on',
  service: 'Parts of the running instance',
  ui: 'What the dashboard shows',
  ops: 'The API for outside tools',
  cost: 'What model calls cost',
  codec: 'What Temporal Web is shown',
  agents: 'Agents that runs hand tasks to',
  stats: 'How much people have to decide',
  servers: 'MCP servers whose tools nodes may use',
  grants: 'Standing grants: what is approved ahead, for a time',
  spawn: 'Single programs, run under a standing grant or as a draft',
  chat: 'Say in words what is wanted, or ask how things stand',
};

type MakeSession = (command: Command) => Session;

export function addRouteCommands(program: Command, makeSession: MakeSession): void {
  const groups = new Map<string, Command>();
  for (const spec of commandTable()) {
    const parent = spec.group === null ? program : groupOf(program, groups, spec.group);
    addRouteCommand(parent, spec, makeSession);
  }
}

function groupOf(program: Command, groups: Map<string, Command>, name: string): Command {
  const known = groups.get(name);
  if (known) return known;
  const group = program.command(name).description(GROUPS[name] ?? `Commands for ${name}`);
  groups.set(name, group);
  return group;
}

function addRouteCommand(parent: Command, spec: CommandSpec, makeSession: MakeSession): void {
  // A group without a verb lists what it holds.
  const isDefault = spec.group !== null && spec.verb === 'list';
  const command = parent.command(spec.verb, { isDefault }).description(spec.route.summary);
  for (const name of spec.params) command.argument(`<${name}>`);
  if (spec.word !== null) command.argument(`[${spec.word.flag}]`, spec.word.description);
  for (const option of spec.options) {
    command.addOption(optionOf(option));
  }
  if (isDefault) command.allowExcessArguments();
  if (spec.takesBody) command.option('--body <file>', 'the whole body as JSON or YAML from a file, - for stdin');
  command.addHelpText('after', `\nExample:\n  ${exampleOf(spec)}\n\n${spec.route.method} ${spec.route.path}`);
  command.action(async () => {
    refuseMore(command, spec);
    const session = makeSession(command);
    await callRoute(session, spec, callInput(spec, command.args, command.opts()));
  });
}

/** A verb that does not exist reaches the default of its group as a word too many. */
function refuseMore(command: Command, { group, params, word: named }: CommandSpec): void {
  const word = command.args[params.length + (named === null ? 0 : 1)];
  if (word === undefined) return;
  throw new CliFailure(EXIT.usage, `\`${word}\` means nothing here: gimo ${group ?? ''} --help lists the commands.`);
}

function optionOf(spec: OptionSpec): Option {
  const option = new Option(optionFlags(spec), spec.description);
  if (spec.choices.length > 0) option.choices(spec.choices);
  if (isRepeated(spec)) option.argParser(collect);
  return option;
}

/** For options that may be repeated. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/** In: what was typed. Out: the call. Throws: CliFailure (usage) when a body is needed and none is given. */
export function callInput(spec: CommandSpec, args: readonly string[], typed: Record<string, unknown>): CallInput {
  const input: CallInput = { params: Object.fromEntries(spec.params.map((name, at) => [name, args[at] ?? ''])) };
  const query: Record<string, string> = {};
  const fields: JsonObject = {};
  for (const option of spec.options) {
    const raw = typed[camelCase(option.flag)] ?? (option === spec.word ? args[spec.params.length] : undefined);
    if (raw === undefined) continue;
    const value = optionValue(option, raw);
    if (option.where === 'query') query[option.field] = asText(value);
    else fields[option.field] = value;
  }
  if (Object.keys(query).length > 0) input.query = query;
  const body = bodyOf(spec, typed['body'], fields);
  if (body !== undefined) input.body = body;
  return input;
}

function bodyOf(spec: CommandSpec, file: unknown, fields: JsonObject): unknown {
  const hasFields = Object.keys(fields).length > 0;
  if (typeof file === 'string') {
    const document = readDocument(file);
    if (!hasFields) return document;
    if (!isJsonObject(document)) throw new CliFailure(EXIT.usage, '--body is no object: options cannot be added to it.');
    return { ...document, ...fields };
  }
  if (!hasFields && spec.needsBody) {
    const fields = spec.options.filter(({ where }) => where === 'body').map(({ flag }) => `--${flag}`);
    const named = fields.length === 0 || fields.length > NAMED_OPTIONS ? '' : ` (${fields.join(', ')})`;
    throw new CliFailure(EXIT.usage, `${spec.verb} needs a body: give its fields as options${named}, or --body FILE. See --help.`);
  }
  return hasFields ? fields : undefined;
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

async function callRoute(session: Session, spec: CommandSpec, input: CallInput): Promise<void> {
  // What anybody may ask is how things stand now.
  const client = session.client({ isPatient: spec.route.role !== 'public' });
  if (spec.route.isStream) return printStream(session, client, spec.id, input);
  const shown = await shownFirst(client, session.terminal, spec.id, input);
  if (shown === null) return void (process.exitCode = EXIT.refused);
  const { data, next } = await client.call(spec.id, shown);
  const { width, paint, isJson } = session.terminal;
  // Lines that programs read are the same with and without --json.
  if (spec.route.media !== undefined) return session.terminal.outRaw(withoutControls(String(data)));
  const screen = isJson ? undefined : SCREENS[spec.id];
  const lines = await screen?.(client, data, paint, width);
  const view = VIEWS[spec.id];
  session.result(data, () => lines ?? view?.(data, paint, width) ?? answerLines(data, width, paint));
  if (FAILURES[spec.id]?.(data) === true) process.exitCode = EXIT.failed;
  if (next !== null) session.terminal.note(`There is more: --cursor ${next}`);
}

/** What an answer says has failed, though the call did not. */
const FAILURES: Partial<Record<RouteId, (data: never) => boolean>> = {
  drafts_validate: ({ valid }: DataOf<'drafts_validate'>) => !valid,
};

/** Decisions are shown with what only the instance knows. */
const SCREENS: Partial<Record<RouteId, (client: ApiClient, data: never, paint: Paint, width: number) => Promise<string[]>>> = {
  drafts_packet: packetScreen,
  gates_get: gateScreen,
};

/** Some answers have a form of their own for people. */
const VIEWS: Partial<Record<RouteId, (data: never, paint: Paint, width: number) => string[]>> = {
  ...REPO_VIEWS,
  ...PLAN_VIEWS,
  ...TOKEN_VIEWS,
  runs_compare: compareLines,
  runs_node: nodeLines,
};
