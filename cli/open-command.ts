/** `gimo open`: the dashboard in the browser, signed in where the data directory is at hand. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { ID_PATTERNS } from '#contract/ids.ts';
import type { RouteId } from '#contract/routes/index.ts';
import { connectGics } from '#gics/client.ts';
import { createLoginLink } from '#platform/login-link.ts';
import type { ApiClient } from './api-client.ts';
import { CliFailure, EXIT } from './failure.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';

const TIMEOUT_MS = 2000;

/** Pages of one object, and what says whether it is there. */
const PAGES: { pattern: RegExp; route: RouteId; page: string }[] = [
  { pattern: ID_PATTERNS.run, route: 'runs_get', page: '/runs' },
  { pattern: ID_PATTERNS.draft, route: 'drafts_get', page: '/plans' },
  { pattern: ID_PATTERNS.approved, route: 'approved_get', page: '/approved' },
];

export function addOpenCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('open [id]')
    .description(
      'Open the dashboard, or its page of a run, a draft, an approved plan or a gate, in the browser; on the machine of the instance the link signs in, once',
    )
    .option('--print', 'only print the link')
    .addHelpText(
      'after',
      '\nExamples:\n  gimo open\n  gimo open d_01J8ZC5V3N9Q2T4W6Y8B0D2F4H\n  gimo open r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H --print',
    );
  command.action(async (id: string | undefined, options: { print?: boolean }) => {
    const session = makeSession(command);
    const settings = session.settings();
    const link = await signInLink(settings, `${settings.url}${await pathOf(session.client(), id)}`);
    session.result({ url: link }, () => [link]);
    if (options.print !== true && session.terminal.isLive) openBrowser(link);
  });
}

/** Throws: CliFailure (usage) for what has no page; ApiFailure where there is no such object. */
async function pathOf(client: ApiClient, id: string | undefined): Promise<string> {
  if (id === undefined) {
    await client.call('health');
    return '';
  }
  if (ID_PATTERNS.gate.test(id)) return `/runs/${(await client.call('gates_get', { params: { id } })).data.run_id}`;
  const found = PAGES.find(({ pattern }) => pattern.test(id));
  if (found === undefined)
    throw new CliFailure(
      EXIT.usage,
      `\`${id}\` has no page: give the id of a run (r_…), a draft (d_…), an approved plan (a_…) or a gate (g_…).`,
    );
  await client.call(found.route, { params: { id } });
  return `${found.page}/${id}`;
}

/** Out: the page alone, where the instance is not the one of the data directory or its store cannot be reached. */
async function signInLink({ config, instance, url }: Settings, page: string): Promise<string> {
  if (instance?.url !== url) return page;
  const gics = connectGics(config.gicsUrl, { token: config.gicsToken, timeoutMs: TIMEOUT_MS });
  try {
    return await createLoginLink(gics, page);
  } catch {
    return page; // its sign-in screen says how
  } finally {
    await gics.close();
  }
}

/** Best effort: the address has been printed. */
function openBrowser(address: string): void {
  const program = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  spawn(program, [address], { stdio: 'ignore', detached: true })
    .on('error', () => {}) // no browser here
    .unref();
}
