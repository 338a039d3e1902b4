import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../program.ts';
import { scriptOf, SHELLS } from './scripts.ts';
import { levelsOf } from './words.ts';

const levels = levelsOf(createProgram({}));

/** What bash would offer after these words; the last one is being typed. */
function complete(...typed: string[]): string[] {
  const words = ['gimo', ...typed].map((word) => `'${word}'`).join(' ');
  const ask = `${scriptOf('bash', levels)}\nCOMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _gimo; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');
}

describe('completion in bash', () => {
  it('offers groups, then their commands, then options', () => {
    expect(complete('dra')).toEqual(['drafts', 'drain']);
    expect(complete('runs', 'ca')).toEqual(['cancel']);
    expect(complete('runs', 'list', '--st')).toEqual(['--status']);
    expect(complete('audit', '--js')).toEqual(['--json']);
  });

  it('looks past options and stops at values', () => {
    expect(complete('--json', 'runs', 'can')).toEqual(['cancel']);
    expect(complete('runs', 'get', 'r_1')).toEqual([]);
  });
});

it.each(SHELLS)('the script for %s knows every command, and no description ends its quotes', (shell) => {
  const script = scriptOf(shell, levels);
  for (const { words } of levels) for (const { name } of words) expect(script).toContain(name);
  const said = levels.flatMap(({ words }) => words.map(({ says }) => says)).filter((says) => says.includes("'"));
  for (const says of said) expect(script).not.toContain(`'${says}'`);
});
