import { describe, expect, it } from 'vitest';
import { REPO_VIEWS } from './repo-views.ts';
import { createPaint } from './terminal.ts';

const paint = createPaint(false);
const lines = (id: 'tree' | 'file' | 'search' | 'diff', data: object): string[] | undefined => REPO_VIEWS[id]?.(data as never, paint);

describe('what the repository holds, in a terminal', () => {
  it('is a list like that of ls, a file like that of cat, matches like those of grep', () => {
    const entries = [
      { name: 'src', path: 'src', type: 'folder', size_bytes: null },
      { name: 'a.txt', path: 'a.txt', type: 'file', size_bytes: 12 },
      { name: 'away', path: 'away', type: 'link', size_bytes: null },
    ];
    expect(lines('tree', entries)).toEqual(['src/', 'a.txt 12 bytes', 'away@']);
    const file = { text: 'one\ntwo\n', redactions: 0, next_line: null };
    expect(lines('file', file)).toEqual(['one\ntwo']);
    expect(lines('file', { ...file, redactions: 2, next_line: 3 })?.slice(1)).toEqual([
      '2 secrets are masked',
      'there is more: --from-line 3',
    ]);
    const matches = [{ path: 'src/a.ts', line: 3, column: 7, text: 'find me' }];
    expect(lines('search', { matches, files_searched: 4, cut: 'matches' })).toEqual([
      'src/a.ts:3:7: find me',
      'ended early by the limit of matches',
    ]);
    expect(lines('search', { matches: [], files_searched: 4, cut: null })).toEqual(['nothing found in 4 files']);
  });

  it('brings no escape of a file to the terminal', () => {
    const shown = [
      lines('file', { text: 'a\u001b[2Jb', redactions: 0, next_line: null }),
      lines('diff', { text: '+a\u001b[2Jb\n', truncated: true, redactions: 0 }),
    ].flat();
    expect(shown).toEqual(['a\\x1b[2Jb', '+a\\x1b[2Jb', 'cut: name a --path']);
  });
});
