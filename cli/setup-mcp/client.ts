/** What is known of an editor or an agent that takes MCP servers, and the words that several of them share. */
import path from 'node:path';

export type Place = { home: string; platform: NodeJS.Platform; env: Record<string, string | undefined> };

/** How GIMO is reached. Over stdio the command finds the token by itself; over HTTP the client takes it from its environment. */
export type Server = { kind: 'stdio'; command: string; args: string[] } | { kind: 'http'; url: string };

export type Format = 'json' | 'toml' | 'yaml' | 'yaml-list';

export type Client = {
  title: string;
  format: Format;
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
export const TOKEN = 'GIMO_TOKEN';

export const plain: Client['stdio'] = ({ command, args }) => ({ command, args });
export const typed: Client['stdio'] = ({ command, args }) => ({ type: 'stdio', command, args });
export const bearer = (reference: string): { Authorization: string } => ({ Authorization: `Bearer ${reference}` });

/** The folder of the applications' settings. */
export function settings({ home, platform, env }: Place): string {
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env['APPDATA'] ?? path.join(home, 'AppData', 'Roaming');
  return path.join(home, '.config');
}

export const inHome =
  (...parts: string[]) =>
  ({ home }: Place): string[] => [path.join(home, ...parts)];

export function entryOf(client: Client, server: Server): object | null {
  return server.kind === 'stdio' ? client.stdio(server) : (client.http?.(server) ?? null);
}
