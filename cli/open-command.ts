/** `gimo open`: the dashboard in the browser, signed in where the data directory is at hand. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { connectGics } from '#gics/client.ts';
import { createLoginLink } from '#platform/login-link.ts';
import { runUrl } from './run-summary.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';

const TIMEOUT_MS = 2000;

export function addOpenCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('open [run]')
    .description('Open the dashboard, or one run of it, in the browser; on the machine of the instance the link signs in, once')
    .option('--print', 'only print the link')
    .addHelpText('after', '\nExamples:\n  gimo open\n  gimo open r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H --print');
  command.action(async (runId: string | undefined, options: { print?: boolean }) => {
    const session = makeSession(command);
    const settings = session.settings();
    const client = session.client();
    if (runId === undefined) await client.call('health');
    else await client.call('runs_get', { params: { id: runId } });
    const page = runId === undefined ? settings.url : runUrl(settings.url, runId);
    const link = await signInLink(settings, page);
    session.result({ url: link }, () => [link]);
    if (options.print !== true && session.terminal.isLive) openBrowser(link);
  });
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
