import { describe, expect, it } from 'vitest';
import { dangers, silent } from './test-danger.ts';

const WRITE = { write: ['.'] };

// verifies: PRIN-3
describe('what takes many files away', () => {
  it('is named however it is written', () => {
    const commands = [
      'ls | xargs rm -rf',
      'git ls-files | xargs -n 1 rm',
      'find src -print0 | xargs -0 rm',
      'find src -type f | xargs -I{} unlink {}',
      ['find', 'src', '-exec', 'unlink', '{}', ';'],
      ['find', 'src', '-type', 'f', '-exec', 'sh', '-c', 'rm "$@"', 'sh', '{}', '+'],
      ['xargs', 'rm', '-rf'],
      ['fd', '-e', 'ts', '-x', 'rm'],
      'for f in src/*; do rm "$f"; done',
      'for f in src/*; do : > "$f"; done',
      'for f in $(git ls-files); do truncate -s 0 $f; done',
      'git ls-files | while read -r f; do rm -f "$f"; done',
      'git ls-files | while read -r f; do cp /dev/null "$f"; done',
      'truncate -s 0 src/*',
      'sed -i d src/*.js',
      'mv src /tmp/',
      'mv * /tmp/x',
      ['rsync', '-a', '--del', '/tmp/e/', 'src/'],
      ['tar', '--remove-files', '-cf', '/tmp/x', 'src'],
      ['zip', '-rm', 'x.zip', 'src'],
      'git reset --hard',
      'git stash -u; git reset -q --hard HEAD~3',
      'git checkout -- .',
      'git checkout HEAD .',
      'git restore .',
      ['git', 'switch', '--orphan', 'x'],
      ['git', 'checkout', '--orphan', 'x'],
    ];
    expect(silent('DELETES_WIDELY', commands, WRITE)).toEqual([]);
  });

  it('is named when the text of an interpreter goes through files and deletes them', () => {
    const texts = [
      ['perl', '-e', 'unlink glob("src/*")'],
      ['perl', '-e', 'unlink <src/*>'],
      ['python3', '-c', 'import os;[os.remove(f) for f in os.listdir(".") if os.path.isfile(f)]'],
      ['python3', '-c', 'import pathlib\nfor p in pathlib.Path("src").rglob("*"): p.unlink()'],
      ['node', '-e', 'for(const f of require("fs").readdirSync("src"))require("fs").unlinkSync("src/"+f)'],
      ['node', '-e', 'fs.readdirSync("src").forEach(f => fs.rmSync("src/" + f))'],
      ['ruby', '-e', 'Dir["src/*"].each { |f| File.delete(f) }'],
      'python3 - <<EOF\nimport shutil\nshutil.rmtree("src")\nEOF',
    ];
    expect(silent('DELETES_WIDELY', texts, WRITE)).toEqual([]);
  });

  it.each([
    'rm -f src/old.ts',
    'rm a.txt b.txt',
    'unlink a.txt',
    'truncate -s 0 log.txt',
    'cp /dev/null a.log',
    'sed -i "3d" a.txt',
    'sed -i d a.txt',
    'mv a.txt docs/a.txt',
    'mv /tmp/x out',
    'mv dist /tmp/dist',
    'git reset HEAD a.txt',
    'git reset --soft HEAD~1',
    'git checkout -- a.txt',
    'git checkout main',
    'git restore --staged .',
    'git stash',
    'find . -name "*.log" | xargs wc -l',
    'for f in dist/*.js; do gzip -k "$f"; done',
    'rm -rf /tmp/x dist',
    'tar czf x.tgz src; zip -r x.zip src',
    ': > a.log',
  ])('is not said of one file by its name, nor of what a build makes: %s', (command) => {
    expect(dangers(command, WRITE).filter((rule) => rule === 'DELETES_WIDELY')).toEqual([]);
  });
});
