/** The browser that the tests of the dashboard drive: one that is on the machine, or the one of its distribution. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Its path, null when there is none. `GIMO_TEST_BROWSER` names another one. */
export function findBrowser(): string | null {
  const named = process.env['GIMO_TEST_BROWSER'];
  if (named !== undefined) return named;
  const folders = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const places = [...NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))), MAC];
  return places.find(isProgram) ?? null;
}

/** Installs Chromium where that is one command away: as root on Debian and its kin. Out: the last words of a failure, or null. */
function installBrowser(): string | null {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return 'this is not root on Debian';
  const run = (...args: string[]): { status: number | null; text: string } => {
    const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    return { status, text: stderr.trim() };
  };
  const updated = run('update');
  const installed = run('install', '--yes', '--no-install-recommends', 'chromium');
  return installed.status === 0 ? null : installed.text || updated.text || `apt-get ended with ${installed.status}`;
}

/** Without a browser the tests of the dashboard are left out, which is said; everything else still counts. */
export function haveBrowser(): void {
  if (findBrowser() !== null) return;
  const say = (text: string): boolean => process.stdout.write(`${text}\n`);
  say('… installing Chromium for the tests of the dashboard');
  const failure = installBrowser();
  if (failure === null) return;
  say(`! no browser, so the tests of the dashboard are left out: install Chromium or set GIMO_TEST_BROWSER (${failure})`);
}
