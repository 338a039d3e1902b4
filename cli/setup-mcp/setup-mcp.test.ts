import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse as parseToml } from 'smol-toml';
import * as jsonc from 'jsonc-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gimo } from '../test-api.ts';
import { applyChange, diffLines, planAdd, planRemove, type Change } from './change.ts';
import { entryOf, type Client, type Format, type Place, type Server } from './client.ts';
import { CLIENT_NAMES, CLIENTS } from './clients.ts';
import { FILES } from './test-files.ts';
import { putInstance } from './test-instance.ts';
import { parse as parseYaml } from 'yaml';

const STDIO: Server = { kind: 'stdio', command: '/usr/bin/node', args: ['/opt/gimo/bin/gimo.mjs', 'mcp', '--data', '/srv/data dir'] };
const HTTP: Server = { kind: 'http', url: 'http://127.0.0.1:9325/mcp' };

let dir: string;
beforeEach(() => void (dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-setup-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const at = (name: string): string => path.join(dir, name);
const read = (file: string): string => readFileSync(file, 'utf8');

function put(name: string, text: string): string {
  writeFileSync(at(name), text);
  return at(name);
}

function write(change: Change): string | null {
  return applyChange(change);
}

const PARSERS: Record<Format, (text: string) => unknown> = { json: jsonc.parse, toml: parseToml, yaml: parseYaml, 'yaml-list': parseYaml };
const parsed = (client: Client, text: string): unknown => PARSERS[client.format](text.replace(/^\uFEFF/, ''));

/** Our entry in the text, whether entries have names or stand in a list. */
function entryIn(client: Client, text: string): unknown {
  const entries = (parsed(client, text) as Record<string, unknown>)[client.key];
  return Array.isArray(entries)
    ? entries.find((entry: { name: string }) => entry.name === 'gimo')
    : (entries as Record<string, unknown>)['gimo'];
}

// verifies: P3-1, MCP-5
describe.each(CLIENT_NAMES)('the settings of %s', (name) => {
  const client: Client = CLIENTS[name];
  const files = FILES[client.format](client.key);

  it.each(files)('with %s get one entry, keep everything else, and are byte by byte what they were after --remove', (_what, text) => {
    const file = put('settings', text);
    const backup = write(planAdd(client, file, STDIO));
    expect(entryIn(client, read(file))).toEqual(entryOf(client, STDIO));
    for (const line of text.split(/\r?\n/).filter((one) => /mine|keep/.test(one)))
      expect(read(file).replaceAll(',', '')).toContain(line.replaceAll(',', ''));
    expect(read(file).includes('\r\n')).toBe(text.includes('\r\n'));
    expect(/[^\r]\n/.test(read(file)) && text.includes('\r\n')).toBe(false);
    expect(backup === null ? null : read(backup)).toBe(text);
    expect(planAdd(client, file, STDIO).action).toBe('none');
    write(planRemove(client, file));
    expect(readFileSync(file)).toEqual(Buffer.from(text));
    expect(readdirSync(dir)).toEqual(['settings']);
  });

  it('are made when there are none, and go away again', () => {
    const file = at('sub/settings');
    write(planAdd(client, file, STDIO));
    expect(entryIn(client, read(file))).toEqual(entryOf(client, STDIO));
    write(planRemove(client, file));
    expect(existsSync(file)).toBe(false);
    expect(planRemove(client, file).action).toBe('none');
  });

  it.skipIf(client.http === null)('never hold a token: over HTTP the client reads it from its environment', () => {
    const file = at('settings');
    write(planAdd(client, file, HTTP));
    expect(read(file)).toContain('GIMO_TOKEN');
    expect(read(file)).toContain(HTTP.url);
  });

  it.runIf(client.http === null)('are not written for HTTP when the client would have to hold the token', () => {
    expect(() => planAdd(client, at('settings'), HTTP)).toThrow('only --transport stdio');
  });
});

describe('a change', () => {
  const client: Client = CLIENTS.cursor;

  it('of an entry that is there keeps what a person wrote since, also when it is removed', () => {
    const file = put('settings', '{\n  "mcpServers": {}\n}\n');
    write(planAdd(client, file, STDIO));
    writeFileSync(file, read(file).replace('{\n', '{\n  "mine": true,\n'));
    expect(planAdd(client, file, HTTP).action).toBe('update');
    write(planAdd(client, file, HTTP));
    write(planRemove(client, file));
    expect(jsonc.parse(read(file))).toEqual({ mine: true, mcpServers: {} });
  });

  it('made twice is undone as a whole', () => {
    const text = '{\n  "a": 1\n}\n';
    const file = put('settings', text);
    write(planAdd(client, file, STDIO));
    write(planAdd(client, file, HTTP));
    write(planRemove(client, file));
    expect(read(file)).toBe(text);
    expect(readdirSync(dir)).toEqual(['settings']);
  });

  it('of a file that did not exist, made twice, leaves nothing behind', () => {
    write(planAdd(client, at('settings'), STDIO));
    write(planAdd(client, at('settings'), HTTP));
    write(planRemove(client, at('settings')));
    expect(readdirSync(dir)).toEqual([]);
  });

  it('never touches an entry of the same name that a person wrote', () => {
    const text = '{"mcpServers": {"gimo": {"command": "mine"}}}';
    const file = put('settings', text);
    expect(() => planAdd(client, file, STDIO)).toThrow('`mcpServers.gimo` is there already, written by hand');
    expect(planRemove(client, file).action).toBe('none');
  });

  it('follows a link, which stays one, and keeps the rights of the file', () => {
    const target = put('real', '{}');
    chmodSync(target, 0o640);
    symlinkSync(target, at('link'));
    write(planAdd(client, at('link'), STDIO));
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
    expect(statSync(target).mode & 0o777).toBe(0o640);
    expect(read(target)).toContain('gimo');
  });

  it('of a broken file is refused with the place, and the file is left as it is', () => {
    const broken = { json: '{\n  "a": 1\n  "b": 2\n}', list: '[]', number: '{"mcpServers": 1}' };
    for (const text of Object.values(broken)) {
      const file = put('settings', text);
      expect(() => planAdd(client, file, STDIO)).toThrow('is left as it is');
      expect(read(file)).toBe(text);
    }
    expect(() => planAdd(client, put('settings', broken.json), STDIO)).toThrow('line 3');
    expect(() => planAdd(CLIENTS.codex, put('settings', 'a = = 1'), STDIO)).toThrow('is left as it is');
    expect(() => planAdd(CLIENTS.codex, put('settings', '[mcp_servers.gimo]\ncommand = "mine"\n'), STDIO)).toThrow('written by hand');
    const yaml = {
      broken: 'a: [1',
      list: '- 1\n',
      braces: 'extensions: {}\n',
      text: 'extensions: x\n',
      twice: 'extensions:\n  gimo:\n    cmd: mine\n',
    };
    for (const text of Object.values(yaml)) {
      const file = put('settings', text);
      expect(() => planAdd(CLIENTS.goose, file, STDIO), text).toThrow('is left as it is');
      expect(read(file)).toBe(text);
    }
    expect(() => planAdd(CLIENTS.continue, put('settings', 'mcpServers:\n  a: 1\n'), STDIO)).toThrow('is no list');
    writeFileSync(at('settings'), Buffer.from([0x7b, 0xff, 0x7d]));
    expect(() => planAdd(client, at('settings'), STDIO)).toThrow('UTF-8');
    symlinkSync(at('nowhere'), at('dangling'));
    expect(() => planAdd(client, at('dangling'), STDIO)).toThrow('does not exist');
  });

  it('is shown line by line before it is written', () => {
    const file = put('settings', '{\n  "a": 1\n}\n');
    const lines = diffLines(planAdd(client, file, { kind: 'http', url: 'http://h/mcp' }));
    expect(lines).toContain('-   "a": 1');
    expect(lines).toContain('+   "a": 1,');
    expect(lines).toContain('+       "url": "http://h/mcp",');
  });
});

// verifies: P3-1, MCP-5
describe('where clients keep their settings', () => {
  const place = (platform: NodeJS.Platform): Place => ({ home: '/h', platform, env: { CODEX_HOME: '/c', APPDATA: '/appdata' } });
  const of = (name: keyof typeof CLIENTS, platform: NodeJS.Platform): string[] => {
    const client: Client = CLIENTS[name];
    return client.user?.(place(platform)) ?? [];
  };

  it('are all in the list that setup-mcp promises', () => {
    const names =
      'vscode cursor claude-code claude-desktop codex gemini antigravity windsurf zed copilot opencode cline roo continue goose kiro junie warp lm-studio amp jetbrains';
    expect(CLIENT_NAMES).toEqual(names.split(' '));
  });

  it('follows the system and the environment', () => {
    expect(of('vscode', 'linux')).toEqual(['/h/.config/Code/User/mcp.json']);
    expect(of('vscode', 'darwin')).toEqual(['/h/Library/Application Support/Code/User/mcp.json']);
    expect(of('vscode', 'win32')).toEqual(['/appdata/Code/User/mcp.json']);
    expect(of('codex', 'linux')).toEqual(['/c/config.toml']);
    expect(of('claude-desktop', 'darwin')).toEqual(['/h/Library/Application Support/Claude/claude_desktop_config.json']);
    expect(of('antigravity', 'linux')[0]).toBe('/h/.gemini/config/mcp_config.json');
  });
});

describe('gimo setup-mcp', () => {
  const args = (...more: string[]): string[] => ['setup-mcp', ...more, '--data', at('data'), '--json'];
  beforeEach(() => putInstance(at('data'), 'http://127.0.0.1:9471'));

  it('shows and does not write without a yes, writes with one, and takes it out again', async () => {
    const shown = await gimo(args('claude-code', '--project', dir, '--dry-run'));
    expect(shown.code).toBe(0);
    expect(JSON.parse(shown.stdout)).toMatchObject({ action: 'add', written: false });
    expect(shown.stderr).toContain('+ ');
    const unasked = await gimo(args('claude-code', '--project', dir));
    expect([unasked.code, unasked.stdout]).toEqual([2, expect.stringContaining('nothing was written: --yes writes it')]);
    expect(existsSync(at('.mcp.json'))).toBe(false);
    const written = await gimo(args('claude-code', '--project', dir, '--yes'));
    expect(JSON.parse(written.stdout)).toMatchObject({ written: true, file: at('.mcp.json') });
    expect(JSON.parse(read(at('.mcp.json')))).toMatchObject({
      mcpServers: { gimo: { headers: { Authorization: 'Bearer ${GIMO_TOKEN}' } } },
    });
    const removed = await gimo(args('claude-code', '--project', dir, '--remove', '--yes').filter((arg) => arg !== '--json'));
    expect(removed.stdout).toBe(`Deleted: ${at('.mcp.json')}, which held nothing else.\n`);
    expect(existsSync(at('.mcp.json'))).toBe(false);
  });

  it('lists what it knows, prints an entry for others, and refuses an unknown client', async () => {
    const listed = await gimo(args());
    expect(JSON.parse(listed.stdout).map((row: { client: string }) => row.client)).toEqual(CLIENT_NAMES);
    const printed = await gimo(args('--print'));
    expect(JSON.parse(printed.stdout)).toMatchObject({ stdio: { mcpServers: { gimo: { args: expect.arrayContaining(['mcp']) } } } });
    const ofClient = await gimo(args('vscode', '--print'));
    expect(JSON.parse(ofClient.stdout)).toMatchObject({ stdio: { servers: { gimo: { type: 'stdio' } } }, http: { servers: { gimo: {} } } });
    const byCommand = await gimo(args('claude-code'));
    expect(byCommand).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/run `claude mcp add --scope user gimo -- \S+ \S+gimo\.mjs mcp --data \S+`/),
    });
    const unknown = await gimo(args('notepad'));
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('--print')]);
    mkdirSync(at('project'));
    const pasted = await gimo(args('jetbrains'));
    expect(pasted).toMatchObject({ code: 2, stderr: expect.stringContaining('gimo setup-mcp jetbrains --print') });
    const asYaml = await gimo(['setup-mcp', 'continue', '--print', '--data', at('data')]);
    expect(asYaml.stdout).toContain('mcpServers:\n  - name: gimo\n    command: ');
    expect((await gimo(args('windsurf', '--project', at('project')))).stderr).toContain('has no file for a project');
  });
});
