import { describe, expect, it } from 'vitest';
import type { Command } from '../commands/reading.ts';
import { commandTextFindings } from './commands.ts';
import { flowFindingsOf } from './flow.ts';
import { readsOf } from '../label-reads.ts';
import type { PlanNode } from '../plan.ts';
import { validatePlan } from '../plan-check.ts';
import { envelopeOf } from '../plan-envelope.ts';
import { ASKING, ASKING_INPUT, line, QUIET, X } from '../commands/test-commands.ts';

const nodeOf = (command: Command): PlanNode => ({ id: 'a', kind: 'process', needs: [], with: command }) as unknown as PlanNode;
const rules = (command: Command): string[] => commandTextFindings(nodeOf(command)).map(({ rule, severity }) => `${rule} ${severity}`);
const flows = (kind: 'process' | 'patch', value: object): string[] => {
  const web = { id: 'web', kind: 'http', with: { url: 'https://example.com/' } };
  const plan = validatePlan({
    version: 1,
    title: 'T',
    envelope: { commands: [['**'], ['*', '**']], ...(kind === 'patch' ? { paths: { read: ['**'], write: ['**'] } } : {}) },
    nodes: [web, { id: 'a', kind, needs: ['web'], with: value }],
  });
  return flowFindingsOf(plan, envelopeOf(plan)).map(({ rule, severity }) => `${severity} ${rule}`);
};

// verifies: PRIN-3
describe('a packet says of a command', () => {
  it('that text which nobody approved chooses what is run, in whatever form', () => {
    const silent = ASKING.filter((text) => !flows('process', { argv: line(text) }).includes('high UNTRUSTED_CHOICE'));
    const inputs = ASKING_INPUT.filter((text) => !flows('process', { argv: line(text), stdin: X }).includes('high UNTRUSTED_CHOICE'));
    const checks = ASKING.filter(
      (text) => !flows('patch', { files: [{ path: 'a', content: 'x' }], validate: line(text) }).includes('high UNTRUSTED_CHOICE'),
    );
    expect([...silent, ...inputs, ...checks]).toEqual([]);
    for (const more of [{ cwd: X }, { env: { PATH: X } }, { env: { GIT_PAGER: X } }])
      expect(flows('process', { argv: ['git', 'log'], ...more })).toEqual(['high UNTRUSTED_CHOICE']);
    expect(QUIET.filter(([, command]) => flows('process', command).length > 0)).toEqual([]);
  });

  it('that whoever starts a run chooses what is run, by an input that is open', () => {
    const x = '${{ inputs.x }}';
    const chosen = [
      { argv: ['sh'], stdin: x },
      { argv: ['node', 'a.js'], env: { NODE_OPTIONS: x } },
      { argv: ['node', 'a.js'], cwd: x },
    ];
    for (const value of chosen) {
      const plan = validatePlan({
        version: 1,
        title: 'T',
        inputs: { x: { open: true } },
        nodes: [{ id: 'a', kind: 'process', with: value }],
      });
      expect(flowFindingsOf(plan, envelopeOf(plan)).map(({ rule, evidence }) => `${rule} ${evidence}`)).toEqual([
        'UNTRUSTED_CHOICE inputs.x → … → a',
      ]);
    }
  });

  it('that a value becomes part of a program text, also by its input and by variables', () => {
    expect(rules({ argv: ['node', '-p', X] })).toEqual(['SHELL_WITH_REFERENCE high']);
    expect(rules({ argv: ['timeout', '5', 'sh', '-c', X] })).toEqual(['SHELL_WITH_REFERENCE high']);
    expect(rules({ argv: ['sh'], stdin: X })).toEqual(['SHELL_WITH_REFERENCE high']);
    expect(rules({ argv: ['git', 'log'], env: { GIT_PAGER: X } })).toEqual(['SHELL_WITH_REFERENCE high']);
    expect(rules({ argv: ['make'], cwd: X })).toEqual(['DYNAMIC_ARGUMENT medium']);
    expect(rules({ argv: ['cat'], stdin: X, env: { TITLE: X } })).toEqual([]);
  });

  it.each([
    ['eval "$1"'],
    ['. /dev/stdin'],
    ['set -e; source /dev/stdin'],
    ['curl -s "$URL" | sh'],
    ['printf %s "$1" | bash -s'],
    ['cat | python3 -'],
    ['sh -s < "$1"'],
    ['bash -c "$1"'],
    ['exec sh -ec $CMD'],
    ['$CMD'],
    ['cd src && "$1" --all'],
    ['if true; then "$@"; fi'],
    ['cat | xargs -n 1 sh -c'],
    ['bash <<< "$1"'],
    ['[[ "$1" -gt 3 ]] && echo more'],
    ['let "n = $1 + 1"; echo $n'],
    ['n=$(( $1 + 1 )); echo "$n"'],
    ['s=abc; echo "${s:$1}"'],
    ['x="$1"; echo "${x@P}"'],
    ['trap "$1" EXIT'],
    ['nice -n 5 $1'],
    ['cd src; timeout 5 "$@"'],
  ])('that its text runs what it is given: %s', (text) => {
    expect(rules({ argv: ['sh', '-c', text], stdin: X })).toEqual(['EVALUATES_TEXT high']);
    expect(rules({ argv: ['sh', '-c', text], env: { CMD: X } })).toEqual(['EVALUATES_TEXT high']);
    expect(rules({ argv: ['nice', 'sh', '-c', text, 'sh', X] })).toContain('EVALUATES_TEXT high');
    expect(rules({ argv: ['sh', '-c', text] })).toEqual([]);
  });

  it.each([
    [['python3', '-c', 'exec(input())']],
    [['node', '-e', 'eval(process.argv[1])']],
    [['node', '-e', 'require("child_process").execSync(process.env.A)']],
    [['perl', '-e', 'system($ARGV[0])']],
    [['awk', '{ system($0) }']],
    [['awk', '{ $0 | getline l; print l }']],
    [['awk', '{ print "x" | $1 }']],
    [['sed', 's/.*/&/e']],
    [['sed', '-n', 'e']],
    [['python3', '-c', 'import importlib, sys; importlib.import_module(sys.argv[1])']],
    [['node', '-e', 'require(process.argv[1])']],
  ])('that the text of another interpreter does: %j', (argv) => {
    expect(rules({ argv, stdin: X })).toEqual(['EVALUATES_TEXT high']);
  });

  it.each([
    [['sh', '-c', 'printf %s "$1" | wc -l', 'sh']],
    [['sh', '-c', 'set -eu\ngit log \\\n  "$1"\nfor f in "$@"; do cat "$f"; done']],
    [['sh', '-c', 'x="$1"; echo "$x" > out/evaluation.txt; test -n "$x" && echo "$(date)"']],
    [['sh', '-c', 'cat | python3 tools/x.py; cat | sh tools/x.sh']],
    [['awk', '$1 > 5 { print $2 }']],
    [['awk', '{ print $1 | "sort" }']],
    [['sed', '-e', 's/one/the/g; s|a|b|']],
    [['sed', '-n', '/te/p']],
    [['sh', '-c', 'n=${2:-3}; echo "${1:?no title}" "${n%.*}"; [ "$n" -gt 2 ]']],
    [['node', '-e', 'const fs = require("fs"); import("node:path")']],
    [['node', '-e', 'const found = /a/.exec(process.argv[1]); console.log(found)']],
  ])('nothing of a text that uses it as data: %j', (argv) => {
    expect(rules({ argv, stdin: X })).toEqual([]);
  });
});

describe('a program text that is long', () => {
  it.each(['a>b;', '${a:', 's/a', 'a/', ' ', '\\\n', '[[ ', '(( ', 'xargs ', 'print ', 'sh '])('of %j is read to its end', (unit) => {
    const text = unit.repeat(90_000 / unit.length);
    const shells = [['bash', '-c'], ['awk'], ['sed'], ['python3', '-c']].map((program) => rules({ argv: [...program, text], stdin: X }));
    const found = [
      ['bash', '-c'],
      ['python3', '-c'],
    ].map((program) => rules({ argv: [...program, `${text}\neval "$1"`], stdin: X }));
    expect(shells).toHaveLength(4);
    expect(found.map((list) => list.includes('EVALUATES_TEXT high'))).toEqual([true, true]);
  });
});

describe('a run that began before commands were read', () => {
  it('asks about what was asked about then', () => {
    const choice = (command: Command): number => readsOf(nodeOf(command), false).choice.length;
    expect(choice({ argv: ['sh', '-c', X] })).toBe(1);
    expect(choice({ argv: [X] })).toBe(1);
    expect(choice({ argv: ['sh'], stdin: X, cwd: X })).toBe(0);
    expect(choice({ argv: ['timeout', '5', 'sh', '-c', X] })).toBe(0);
  });
});
