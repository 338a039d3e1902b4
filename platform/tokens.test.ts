import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureTokens, resetTokens } from './tokens.ts';

const NONE = { admin: null, operator: null, actions: null };
let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-tokens-'));
  file = path.join(dir, 'tokens.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

// verifies: SEC-1, SEC-2
describe('role tokens', () => {
  it('are made once, differ from each other and are readable by the owner only', () => {
    const first = ensureTokens(file, NONE);
    expect(ensureTokens(file, NONE)).toEqual(first);
    expect(new Set(Object.values(first)).size).toBe(3);
    expect(Object.values(first).every((token) => /^gimo_[\w-]{43}$/.test(token))).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('of the environment win and are never written', () => {
    const given = 'environment-token-of-the-admin';
    const tokens = ensureTokens(file, { ...NONE, admin: given });
    expect(tokens.admin).toBe(given);
    expect(readFileSync(file, 'utf8')).not.toContain(given);
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toEqual(['operator', 'actions']);
  });

  it('change for the roles that are reset, and for no other', () => {
    const before = ensureTokens(file, NONE);
    const after = resetTokens(file, ['operator']);
    expect(after).toEqual({ ...before, operator: expect.not.stringContaining(before.operator) });
  });

  it('name the file that is broken', () => {
    writeFileSync(file, 'not json');
    expect(() => ensureTokens(file, NONE)).toThrow(`${file} cannot be read: delete it`);
  });
});
