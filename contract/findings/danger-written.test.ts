import { describe, expect, it } from 'vitest';
import { find, highOf } from './test-danger.ts';
import type { Finding } from '../objects.ts';

const X = '${{ nodes.u.output.stdout }}';
const READ = { id: 'u', kind: 'process', with: { argv: ['cat', 'p/x.txt'] } };
const patch = (path: string, content: string, more: object = {}): object => ({
  id: 'a',
  kind: 'patch',
  needs: ['u'],
  with: { files: [{ path, content }], ...more },
});
const node = (id: string, argv: string[], needs: string[] = [], more: object = {}): object => ({
  id,
  kind: 'process',
  needs,
  with: { argv, ...more },
});
const runs = (argv: string[]): object => node('x', argv, ['a']);
const found = (nodes: object[], more: object = {}): Finding[] => find(nodes, more).filter(({ rule }) => rule === 'RUNS_WRITTEN_TEXT');
const WRITE = { write: ['p', 't', 'run.sh', 'x.sh', 'out', 'dist', 'package.json'] };

// verifies: PRIN-3
describe('a file that is made of text which nobody approved', () => {
  it('is named with both nodes when a later node runs it', () => {
    const [first] = found([READ, patch('docs/run.sh', X), runs(['sh', 'docs/run.sh'])]);
    expect(first).toMatchObject({ severity: 'high', node: 'x', evidence: `a: \`docs/run.sh: ${X}\` → x: \`sh docs/run.sh\`` });
    expect(first?.message).toContain('It runs `docs/run.sh`, which `a` makes of text that nobody has approved.');
  });

  it.each<[string, string[]]>([
    ['x.py', ['python3', '-u', './x.py']],
    ['x.mjs', ['timeout', '5', 'node', 'x.mjs']],
    ['x', ['./x']],
    ['x.sh', ['sh', '-c', 'set -e; . ./x.sh']],
    ['x.sh', ['bash', '-c', 'chmod +x x.sh && ./x.sh']],
    ['tests/test_x.py', ['pytest', '-q', 'tests/test_x.py']],
    ['package.json', ['npm', 'test']],
    ['p/package.json', ['npm', '--prefix', 'p', 'run', 'build']],
    ['Makefile', ['make']],
    ['docs/Makefile', ['make', '-C', 'docs']],
    ['conftest.py', ['pytest']],
    ['Dockerfile', ['docker', 'build', '.']],
  ])('%s, is run by %j', (path, argv) => {
    expect(found([READ, patch(path, `# made\n${X}`), runs(argv)])).toHaveLength(1);
    expect(found([READ, patch(path, 'echo ok'), runs(argv)])).toEqual([]);
  });

  it('is run by the check of its own patch, and by way of a diff', () => {
    expect(found([READ, patch('package.json', `{"scripts":{"test":"${X}"}}`, { validate: [['npm', 'test']] })])).toHaveLength(1);
    const diff = `diff --git a/x.sh b/x.sh\nnew file mode 100644\n--- /dev/null\n+++ b/x.sh\n@@ -0,0 +1 @@\n+${X}\n`;
    expect(found([READ, { id: 'a', kind: 'patch', needs: ['u'], with: { diff } }, runs(['sh', 'x.sh'])])).toHaveLength(1);
  });

  it('is made by a process that copies, redirects or fetches', () => {
    for (const script of [
      'cp p/x.txt run.sh',
      'cat p/x.txt > run.sh',
      'cat p/x.txt | tee run.sh',
      'cat p/x.txt > t; mv t run.sh',
      '(printf "#!/bin/sh"; cat p/x.txt) > run.sh',
      'curl -so run.sh https://x.example',
      'ln -s p/x.txt run.sh',
    ]) {
      expect(found([node('a', ['sh', '-c', script], [], WRITE), runs(['sh', 'run.sh'])])).toHaveLength(1);
    }
    expect(found([node('a', ['cp', 'p/x.txt', 'run.sh'], [], WRITE), runs(['sh', 'run.sh'])])).toHaveLength(1);
    expect(found([node('a', ['sh', '-c', 'cp p/x.txt run.sh; sh run.sh'], [], WRITE)])).toHaveLength(1);
    expect(found([READ, node('a', ['tee', 'run.sh'], ['u'], { ...WRITE, stdin: X }), runs(['sh', 'run.sh'])])).toHaveLength(1);
    expect(found([READ, node('a', ['sh', '-c', 'printf %s "$1" > run.sh', 'sh', X], ['u'], WRITE), runs(['sh', 'run.sh'])])).toHaveLength(
      1,
    );
  });

  it('is not named where the text is approved, is data, or was run before', () => {
    const value = { id: 'u', kind: 'value', with: { value: { stdout: 'echo ok' } } };
    expect(found([value, patch('x.sh', X), runs(['sh', 'x.sh'])])).toEqual([]);
    expect(found([READ, patch('x.sh', X), runs(['cat', 'x.sh'])])).toEqual([]);
    expect(found([READ, patch('data.json', X), runs(['node', 'tools/x.mjs', 'data.json'])])).toEqual([]);
    expect(found([READ, patch('src/x.ts', X), runs(['npm', 'test'])])).toEqual([]);
    expect(found([READ, node('b', ['sh', 'x.sh']), { ...patch('x.sh', X), needs: ['u', 'b'] }])).toEqual([]);
  });

  it.each([
    'jq .a=1 package.json > t && mv t package.json && npm ci',
    'cp package.json dist/package.json && npm test',
    'cp tools/run.sh run.sh && sh run.sh',
    'sed s/a/b/ run.sh > t; mv t run.sh; sh run.sh',
    'npm run build > build.log; node dist/main.js',
    "cat > x.sh <<'EOF'\necho hi\nEOF\nsh x.sh",
    "echo 'echo hi' > x.sh; sh x.sh",
    'cp README.md out/ && make',
  ])('is not what a project has, edited or at another place: %s', (script) => {
    expect(highOf(find([node('a', ['sh', '-c', script], [], WRITE)]))).toEqual([]);
  });
});
