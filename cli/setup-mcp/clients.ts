/** Where editors and agents keep their MCP servers, and how each writes one. Data only: a new client is a new row. */
import path from 'node:path';
import { bearer, inHome, plain, settings, TOKEN, typed, type Client } from './client.ts';
import { MORE_CLIENTS } from './more-clients.ts';

const FIRST_CLIENTS = {
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

export const CLIENTS = { ...FIRST_CLIENTS, ...MORE_CLIENTS };

export type ClientName = keyof typeof CLIENTS;
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];

export function isClient(name: string): name is ClientName {
  return Object.hasOwn(CLIENTS, name);
}
