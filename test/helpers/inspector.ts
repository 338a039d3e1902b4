/** The command line of the official inspector of the protocol, as a program of its own with an empty environment and home. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Way } from './mcp.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const INSPECTOR = path.join(ROOT, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');

export type Inspected = { code: number; out: Record<string, unknown>; stderr: string };
export type Target = { url: string; token: string; way: Way; era: 'modern' | 'legacy' };

/** Exit codes of the inspector. */
export const INSPECTED = { ok: 0, refusedCredential: 3, toolError: 5 };

function targetOf({ url, token, way, era }: Target): string[] {
  const how =
    way === 'http'
      ? ['--server-url', `${url}/mcp`, '--transport', 'http', '--header', `Authorization: Bearer ${token}`]
      : [process.execPath, path.join(ROOT, 'cli/main.ts'), 'mcp', '--url', url, '--token', token];
  // What follows the command of a server is the server's own, unless the inspector's options end with `--`.
  return [
    '--protocol-era',
    era,
    '--stored-auth-only',
    '--format',
    'json',
    '--connect-timeout',
    '60000',
    ...(way === 'http' ? how : ['--', ...how]),
  ];
}

/** In: the inspector's own options, like `--method tools/list`. */
export async function inspect(target: Target, options: string[]): Promise<Inspected> {
  const home = mkdtempSync(path.join(tmpdir(), 'gimo-inspector-'));
  const env = { HOME: home, PATH: '/usr/bin:/bin', MCP_INSPECTOR_SECRET_STORE: 'memory' };
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, [INSPECTOR, '--cli', ...options, ...targetOf(target)], { env, cwd: home }, (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code);
        resolve({ code, out: stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>), stderr });
      });
    });
  } finally {
    rmSync(home, { recursive: true });
  }
}
