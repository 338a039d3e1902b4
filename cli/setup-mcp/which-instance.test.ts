import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gimo } from '../test-api.ts';
import { putInstance } from './test-instance.ts';
import { addressOf, instanceArgs, whichInstance } from './which-instance.ts';

const URL_A = 'http://127.0.0.1:9471';
const URL_B = 'http://127.0.0.1:9482';
let dir: string;
beforeEach(() => void (dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-which-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const at = (name: string): string => path.join(dir, name);

// verifies: P3-1
describe('the instance that an entry leads to', () => {
  it('is never guessed: without one that is named or found nothing is said, but what to give', () => {
    expect(() => whichInstance({}, {}, [at('here'), at('clone')])).toThrow(
      `nothing was started on ${at('here')} or ${at('clone')}. Name yours with --data DIR, the directory that \`npm start\` uses, or with --url ADDRESS`,
    );
    expect(() => whichInstance({}, { GIMO_PORT: '9325' }, [])).toThrow('No instance is known here');
  });

  it('is the one that was started where the command belongs to, and before it one that runs', () => {
    putInstance(at('clone'), URL_A);
    const found = whichInstance({}, {}, [at('here'), at('clone')]);
    expect(found).toMatchObject({ data: at('clone'), url: URL_A });
    expect(instanceArgs(found)).toEqual(['--data', at('clone')]);
    putInstance(at('here'), URL_B, false);
    expect(whichInstance({}, {}, [at('here'), at('clone')]).data).toBe(at('clone'));
    putInstance(at('here'), URL_B);
    expect(whichInstance({}, {}, [at('here'), at('clone')]).url).toBe(URL_B);
  });

  it('has no address while it does not run, unless that is given', () => {
    putInstance(at('data'), URL_A, false);
    expect(() => addressOf(whichInstance({ data: at('data') }, {}))).toThrow(`The instance on ${at('data')} does not run`);
    expect(addressOf(whichInstance({ data: at('data'), url: URL_B }, {}))).toBe(`${URL_B}/mcp`);
    putInstance(at('data'), URL_A);
    expect(addressOf(whichInstance({}, { GIMO_DATA_DIR: at('data') }))).toBe(`${URL_A}/mcp`);
  });

  it('that is named by its address alone is written by that alone', () => {
    putInstance(at('here'), URL_B);
    const named = whichInstance({ url: URL_A }, {}, [at('here')]);
    expect([addressOf(named), instanceArgs(named)]).toEqual([`${URL_A}/mcp`, ['--url', URL_A]]);
    expect(whichInstance({}, { GIMO_URL: URL_A }, []).url).toBe(URL_A);
  });
});

// verifies: P3-1
describe('gimo setup-mcp', () => {
  it('refuses to write an address that nobody knows, with a code', async () => {
    const refused = await gimo(['setup-mcp', 'claude-code', '--project', dir, '--data', at('data'), '--yes', '--json']);
    expect(refused.code).toBe(6);
    expect(JSON.parse(refused.stdout)).toMatchObject({ code: 'UNAVAILABLE', detail: expect.stringContaining('--url ADDRESS') });
    expect(existsSync(at('.mcp.json'))).toBe(false);
  });

  it('writes the address of the instance that runs, and says how to make the token that is still missing', async () => {
    putInstance(at('data'), URL_A);
    const written = await gimo(['setup-mcp', 'claude-code', '--project', dir, '--data', at('data'), '--yes']);
    expect(JSON.parse(readFileSync(at('.mcp.json'), 'utf8'))).toMatchObject({ mcpServers: { gimo: { url: `${URL_A}/mcp` } } });
    expect(written.stdout).toContain(`gimo tokens create --label "editor of this machine" --role admin --class agent --data ${at('data')}`);
    expect(written.stdout).toContain('export GIMO_TOKEN=gimo_…');
  });

  it('needs no instance to take an entry out again', async () => {
    const args = ['setup-mcp', 'claude-code', '--project', dir, '--yes'];
    await gimo([...args, '--url', URL_A]);
    expect((await gimo([...args, '--remove', '--data', at('gone')])).code).toBe(0);
    expect(existsSync(at('.mcp.json'))).toBe(false);
  });
});
