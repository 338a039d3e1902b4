/** The Gemini CLI as an agent that drives GIMO: a real program from the registry, with nothing of the machine in its environment and a model on loopback. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

export const GEMINI_CLI = { name: '@google/gemini-cli', version: '0.61.0' };
/** Beside the Temporal binary: not a dependency, because its optional parts are compiled at installation. */
const CACHE = path.join(os.homedir(), '.cache/gimo/agent-cli', `gemini-cli-${GEMINI_CLI.version}`);
const PROGRAM = path.join(CACHE, 'node_modules', GEMINI_CLI.name, 'bundle/gemini.js');
const RUN_MS = 300_000;

/** Installs exactly this version, without scripts and without what is optional. */
export async function installGeminiCli(): Promise<void> {
  if (existsSync(PROGRAM)) return;
  mkdirSync(CACHE, { recursive: true });
  const what = `${GEMINI_CLI.name}@${GEMINI_CLI.version}`;
  const args = ['install', '--prefix', CACHE, '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', what];
  await promisify(execFile)('npm', args, { cwd: CACHE });
}

export type AgentRun = { url: string; token: string; modelUrl: string; task: string };

/** Waits: until the agent has ended. Out: what it printed. */
export async function runGeminiCli({ url, token, modelUrl, task }: AgentRun): Promise<string> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'gimo-agent-'));
  const env = {
    HOME: home,
    PATH: '/usr/bin:/bin',
    GEMINI_API_KEY: 'no-key',
    GOOGLE_GEMINI_BASE_URL: modelUrl,
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
    GIMO_TOKEN: token,
  };
  const settings = {
    security: { auth: { selectedType: 'gemini-api-key' } },
    general: { enableAutoUpdate: false, disableAutoUpdate: true },
    privacy: { usageStatisticsEnabled: false },
    mcpServers: { gimo: { httpUrl: `${url}/mcp`, headers: { Authorization: 'Bearer $GIMO_TOKEN' }, timeout: 120_000 } },
  };
  try {
    mkdirSync(path.join(home, '.gemini'));
    writeFileSync(path.join(home, '.gemini/settings.json'), JSON.stringify(settings));
    const args = [PROGRAM, '--prompt', task, '--approval-mode', 'yolo', '--model', 'gemini-2.5-flash'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: home, timeout: RUN_MS });
    return stdout.trim();
  } finally {
    rmSync(home, { recursive: true });
  }
}
