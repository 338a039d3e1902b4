import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KIND_NAMES } from '#contract/nodes/index.ts';
import { NODE_VIEWS, viewOf } from './index.ts';

describe('node views', () => {
  test.each(KIND_NAMES)('%s draws any `with` without failing, on one line', (kind) => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(NODE_VIEWS[kind].summary(value)).not.toContain('\n');
        expect(Array.isArray(NODE_VIEWS[kind].fields(value))).toBe(true);
      }),
    );
  });
  test('a command is shown word by word', () => {
    expect(viewOf('process').summary({ argv: ['sh', '-c', 'echo "a b"'] })).toBe(`sh -c 'echo "a b"'`);
    expect(viewOf('process').summary({ argv: ['sh', '-c', 'set -e\nmake all', 'name'] })).toBe("sh -c 'set -e ⏎ make all' name");
    expect(viewOf('process').summary({ argv: ['grep', "it's here"] })).toBe(String.raw`grep 'it'\''s here'`);
  });
  test('a script is read as it was written, line by line, and not a second time in the command', () => {
    const script = 'first=$(date)\nprintf "%s\\n" "$first"\n';
    const fields = viewOf('process').fields({ argv: ['sh', '-c', script, 'name', 'a b'], idempotent: true });
    expect(fields).toEqual([
      { label: 'command', value: "sh -c ‹script› name 'a b'" },
      { label: 'script', value: script },
      { label: 'safe to run again', value: true },
    ]);
  });
  test('a kind that this build does not know is still drawn', () => {
    expect(viewOf('constructor').label).toBe('No-op');
  });
});
