/** `gimo setup-mcp`: tells editors and agents where GIMO is. No token is ever written into one of their files. */
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { stringify as stringifyToml } from 'smol-toml';
import { stringify as stringifyYaml } from 'yaml';
import { CliFailure, EXIT } from '../failure.ts';
import type { Session } from '../session.ts';
import { isYes } from '../terminal.ts';
import { applyChange, diffLines, planAdd, planRemove, type Change } from './change.ts';
import { TOKEN, type Client, type Format, type Place, type Server } from './client.ts';
import { CLIENT_NAMES, CLIENTS, isClient, type ClientName } from './clients.ts';
import { addressOf, instanceArgs, whichInstance, type Known } from './which-instance.ts';

const GIMO = path.resolve(import.meta.dirname, '..', '..', 'bin', 'gimo.mjs');

type Options = { project?: boolean | string; transport?: string; dryRun?: boolean; yes?: boolean; remove?: boolean; print?: boolean };
type Target = { name: ClientName; client: Client; file: string };

export function addSetupCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('setup-mcp [client]')
    .description('Tell an editor or an agent where GIMO is; without a client, list what was found here')
    .option('--project [dir]', 'write the file of a project instead of the one of this person')
    .option('--transport <kind>', 'stdio (no token needed) or http (token from the variable GIMO_TOKEN); default stdio, http in projects')
    .option('--remove', 'take it out again')
    .option('--dry-run', 'only show what would change')
    .option('-y, --yes', 'write without asking')
    .option('--print', 'only print the entry: of that client, or without one as most write it')
    .addHelpText(
      'after',
      `\nClients: ${CLIENT_NAMES.join(', ')}\n\nExamples:\n  gimo setup-mcp\n  gimo setup-mcp vscode\n  gimo setup-mcp claude-code --project`,
    );
  command.action(async (name: string | undefined, options: Options) => {
    const session = makeSession(command);
    if (options.print === true) return printEntry(session, name);
    const place: Place = { home: os.homedir(), platform: process.platform, env: session.env };
    if (name === undefined) return listClients(session, place);
    const target = targetOf(session, name, options, place);
    const { client, file } = target;
    if (options.remove === true) return carryOut(session, target, planRemove(client, file), options, []);
    const known = whichInstance(session.options, session.env);
    const server = serverOf(known, client, options);
    await carryOut(session, target, planAdd(client, file, server), options, stillToDo(known, server));
  });
}

/** Throws: CliFailure (usage) for an unknown client, or one without such a file. */
function targetOf(session: Session, name: string, { project }: Options, place: Place): Target {
  const client = clientOf(name);
  if (client.user === null && client.project === null)
    throw new CliFailure(
      EXIT.usage,
      `${client.title} has no file that may be edited: paste what \`gimo setup-mcp ${name} --print\` says into its settings.`,
    );
  if (project !== undefined && project !== false) {
    if (client.project === null) throw new CliFailure(EXIT.usage, `${client.title} has no file for a project.`);
    return { name: client.name, client, file: path.resolve(project === true ? '.' : project, client.project) };
  }
  if (client.user === null)
    throw new CliFailure(
      EXIT.usage,
      `${client.title} has no file of yours to change: ${ownCommand(session, client)}for one project add --project.`,
    );
  return { name: client.name, client, file: userFile(client.user(place)) };
}

/** Throws: CliFailure (usage). */
function clientOf(name: string): Client & { name: ClientName } {
  if (isClient(name)) return { ...CLIENTS[name], name };
  throw new CliFailure(EXIT.usage, `${name} is not in the list: ${CLIENT_NAMES.join(', ')}. For any other client use --print.`);
}

function ownCommand(session: Session, { command }: Client): string {
  if (command === null) return '';
  const { command: program, args } = stdioOf(whichInstance(session.options, session.env));
  return `run \`${[command, program, ...args].join(' ')}\`, or `;
}

function userFile(candidates: string[]): string {
  return candidates.find((file) => existsSync(file)) ?? candidates[0] ?? '';
}

function serverOf(known: Known, client: Client, { transport, project }: Options): Server {
  const isForProject = project !== undefined && project !== false;
  const kind = transport ?? (isForProject && client.http !== null ? 'http' : 'stdio');
  if (kind === 'http') return { kind, url: addressOf(known) };
  if (kind === 'stdio') return stdioOf(known);
  throw new CliFailure(EXIT.usage, `--transport takes stdio or http, not \`${kind}\`.`);
}

function stdioOf(known: Known): Extract<Server, { kind: 'stdio' }> {
  return { kind: 'stdio', command: process.execPath, args: [GIMO, 'mcp', ...instanceArgs(known)] };
}

/** Over stdio a token is made from those of the data directory; without that directory, and over HTTP, the client brings its own. */
function stillToDo(known: Known, { kind }: Server): string[] {
  const restart = 'Restart the client, or let it reload its servers.';
  if (kind === 'stdio' && known.data !== null) return [restart];
  const here = instanceArgs(known)
    .map((word) => ` ${/\s/.test(word) ? JSON.stringify(word) : word}`)
    .join('');
  return [
    `Make a token: gimo tokens create --label "editor of this machine" --role admin --class agent${here}`,
    `Put it into the environment that the client starts with: export ${TOKEN}=gimo_…`,
    restart,
  ];
}

async function carryOut(session: Session, target: Target, change: Change, options: Options, next: string[]): Promise<void> {
  const { terminal } = session;
  const { name, client, file } = target;
  const result = { client: name, file, action: change.action, written: false, backup: null as string | null };
  if (change.action === 'none') return session.result(result, () => [`${client.title}: nothing to do in ${file}.`]);
  terminal.note(`${client.title}: ${change.action} in ${file}`);
  for (const line of diffLines(change)) terminal.note(line.startsWith('+') ? terminal.notePaint.green(line) : line);
  if (!(await mayWrite(session, options))) return session.result(result, () => ['Nothing was written.']);
  const backup = applyChange(change);
  session.result({ ...result, written: true, backup, next }, () => [
    change.after === null ? `Deleted: ${file}, which held nothing else.` : `Written: ${file}`,
    ...(backup === null ? [] : [`What was there: ${backup}`]),
    ...next,
  ]);
}

async function mayWrite({ terminal }: Session, { dryRun, yes }: Options): Promise<boolean> {
  if (dryRun === true) return false;
  if (yes === true) return true;
  if (terminal.canAsk) return isYes(await terminal.ask('Write it? [y/N] '));
  throw new CliFailure(EXIT.usage, 'There is nobody to ask, so nothing was written: --yes writes it, --dry-run only shows it.');
}

/** A client counts as found when its file, or the folder of its file, is there. */
function listClients(session: Session, place: Place): void {
  const rows = CLIENT_NAMES.map((name) => {
    const client: Client = CLIENTS[name];
    const file = client.user === null ? null : userFile(client.user(place));
    return { client: name, title: client.title, file, found: file !== null && existsSync(path.dirname(file)) };
  });
  session.result(rows, () => [
    ...rows.map(
      ({ client, title, file, found }) =>
        `${found ? '*' : ' '} ${client.padEnd(15)} ${title}${file === null ? howElse(client) : `: ${file}`}`,
    ),
    '',
    `${rows.some(({ found }) => found) ? '* was found here. ' : 'None was found here. '}Set one up: gimo setup-mcp <client>`,
  ]);
}

function howElse(name: ClientName): string {
  return CLIENTS[name].project === null ? ' (--print)' : ' (by project)';
}

const PLAIN: Pick<Client, 'format' | 'key' | 'stdio' | 'http'> = {
  format: 'json',
  key: 'mcpServers',
  stdio: ({ command, args }) => ({ command, args }),
  http: ({ url }) => ({ url, headers: { Authorization: 'Bearer ${GIMO_TOKEN}' } }),
};

const TEXTS: Record<Format, (entry: object) => string> = {
  json: (entry) => JSON.stringify(entry, null, 2),
  toml: stringifyToml,
  yaml: (entry) => stringifyYaml(entry, { lineWidth: 0 }),
  'yaml-list': (entry) => stringifyYaml(entry, { lineWidth: 0 }),
};

/** The entry as one client writes it, or as most do. */
function printEntry(session: Session, name: string | undefined): void {
  const client = name === undefined ? PLAIN : clientOf(name);
  const inFile = (entry: object): object => ({ [client.key]: client.format === 'yaml-list' ? [entry] : { gimo: entry } });
  const known = whichInstance(session.options, session.env);
  const stdio = inFile(client.stdio(stdioOf(known)));
  const http = client.http === null || known.url === null ? null : inFile(client.http({ kind: 'http', url: addressOf(known) }));
  const text = (entry: object): string => TEXTS[client.format](entry).trimEnd();
  session.result({ stdio, http }, () => [
    known.data === null ? `Over stdio, with the token in the environment as ${TOKEN}:` : 'Over stdio, no token needed:',
    text(stdio),
    ...(http === null ? [] : ['', `Over HTTP, with the token in the environment of the client as ${TOKEN}:`, text(http)]),
    ...(client.http !== null && known.url === null ? ['', 'Over HTTP: the instance does not run, so its address is not known.'] : []),
  ]);
}
