/** Where editors and agents keep their MCP servers, and how each writes one. Data only: a new client is a new row. */
import path from 'node:path';

export type Place = { home: string; platform: NodeJS.Platform; env: Record<string, string | undefined> };

/** How GIMO is reached. Over stdio the command finds the token by itself; over HTTP the client takes it from its environment. */
export type Server = { kind: 'stdio'; command: string; args: string[] } | { kind: 'http'; url: string };

export type Client = {
  title: string;
  format: 'json' | 'toml';
  /** Key that holds the servers. */
  key: string;
  /** Candidates for one person, most usual first; null: it has none that may be edited. */
  user: ((place: Place) => string[]) | null;
  /** Below a project; null: it has none. */
  project: string | null;
  stdio: (server: Extract<Server, { kind: 'stdio' }>) => object;
  /** Null: its file cannot name a token without holding it. */
  http: ((server: Extract<Server, { kind: 'http' }>) => object) | null;
  /** Its own command that sets a server up for one person, for a client whose file is rewritten while it runs. */
  command: string | null;
};

/** Environment variable of the token, as a client reads it. */
const TOKEN = 'GIMO_TOKEN';

const plain: Client['stdio'] = ({ command, args }) => ({ command, args });
const typed: Client['stdio'] = ({ command, args }) => ({ type: 'stdio', command, args });
const bearer = (reference: string): { Authorization: string } => ({ Authorization: `Bearer ${reference}` });

/** The folder of the applications' settings. */
function settings({ home, platform, env }: Place): string {
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env['APPDATA'] ?? path.join(home, 'AppData', 'Roaming');
  return path.join(home, '.config');
}

const inHome =
  (...parts: string[]) =>
  ({ home }: Place): string[] => [path.join(home, ...parts)];

export const CLIENTS = {
  vscode: {
    title: 'VS Code',
    format: 'json',
    key: 'servers',
    user: (place) => [path.join(settings(place), 'Code', 'User', 'mcp.json')],
    project: '.vscode/mcp.json',
    stdio: typed,
    http: ({ url }) => ({ type: 'http', url, headers: bearer(`\${env:${TOKEN}}`) }),
    command: null,
  },
  cursor: {
    title: 'Cursor',
    format: 'json',
    key: 'mcpServers',
    user: inHome('.cursor', 'mcp.json'),
    project: '.cursor/mcp.json',
    stdio: plain,
    http: ({ url }) => ({ url, headers: bearer(`\${env:${TOKEN}}`) }),
    command: null,
  },
  'claude-code': {
    title: 'Claude Code',
    format: 'json',
    key: 'mcpServers',
    user: null,
    project: '.mcp.json',
    stdio: typed,
    http: ({ url }) => ({ type: 'http', url, headers: bearer(`\${${TOKEN}}`) }),
    command: 'claude mcp add --scope user gimo --',
  },
  'claude-desktop': {
    title: 'Claude Desktop',
    format: 'json',
    key: 'mcpServers',
    user: (place) => [path.join(settings(place), 'Claude', 'claude_desktop_config.json')],
    project: null,
    stdio: plain,
    http: null,
    command: null,
  },
  codex: {
    title: 'Codex',
    format: 'toml',
    key: 'mcp_servers',
    user: ({ home, env }) => [path.join(env['CODEX_HOME'] ?? path.join(home, '.codex'), 'config.toml')],
    project: '.codex/config.toml',
    stdio: plain,
    http: ({ url }) => ({ url, bearer_token_env_var: TOKEN }),
    command: null,
  },
  gemini: {
    title: 'Gemini CLI',
    format: 'json',
    key: 'mcpServers',
    user: inHome('.gemini', 'settings.json'),
    project: '.gemini/settings.json',
    stdio: plain,
    http: ({ url }) => ({ type: 'http', url, headers: bearer(`$${TOKEN}`) }),
    command: null,
  },
  antigravity: {
    title: 'Antigravity',
    format: 'json',
    key: 'mcpServers',
    user: ({ home }) => [
      path.join(home, '.gemini', 'config', 'mcp_config.json'),
      path.join(home, '.gemini', 'antigravity', 'mcp_config.json'),
    ],
    project: null,
    stdio: plain,
    http: null,
    command: null,
  },
  windsurf: {
    title: 'Windsurf',
    format: 'json',
    key: 'mcpServers',
    user: inHome('.codeium', 'windsurf', 'mcp_config.json'),
    project: null,
    stdio: plain,
    http: null,
    command: null,
  },
  zed: {
    title: 'Zed',
    format: 'json',
    key: 'context_servers',
    user: (place) => [
      ...(place.platform === 'win32' ? [] : [path.join(place.home, '.config', 'zed', 'settings.json')]),
      path.join(settings(place), 'Zed', 'settings.json'),
    ],
    project: '.zed/settings.json',
    stdio: plain,
    http: null,
    command: null,
  },
} as const satisfies Record<string, Client>;

export type ClientName = keyof typeof CLIENTS;
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];

export function isClient(name: string): name is ClientName {
  return Object.hasOwn(CLIENTS, name);
}

export function entryOf(client: Client, server: Server): object | null {
  return server.kind === 'stdio' ? client.stdio(server) : (client.http?.(server) ?? null);
}
