import { describe, expect, it } from 'vitest';
import { plainWords } from './part-log.ts';

describe('log lines in plain words', () => {
  it('are the message and its cause, or the line itself', () => {
    expect([
      plainWords('{"level":"error","msg":"the store could not be closed","err":{"type":"Error","message":"disk full","stack":"…"}}'),
      plainWords('{"level":"error","msg":"same","err":{"message":"same"}}'),
      plainWords('  SyntaxError: bad  '),
      plainWords('{"half":'),
    ]).toEqual(['the store could not be closed: disk full', 'same', 'SyntaxError: bad', '{"half":']);
  });
});
