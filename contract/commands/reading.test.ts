import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosingTexts, programTexts, type Command } from './reading.ts';
import { hasReference } from '../template.ts';
import { ASKING, ASKING_INPUT, line, QUIET, WRAPPING, X } from './test-commands.ts';

const asks = (command: Command): boolean => choosingTexts(command).some(hasReference);
const VARIABLES =
  'PATH LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES NODE_OPTIONS NODE_PATH PYTHONPATH PYTHONSTARTUP PYTHONINSPECT PERL5OPT PERL5LIB RUBYOPT BASH_ENV ENV SHELLOPTS PS4 IFS PROMPT_COMMAND ' +
  'GIT_PAGER GIT_EXTERNAL_DIFF GIT_SSH_COMMAND GIT_CONFIG_COUNT EDITOR VISUAL PAGER MANPAGER MAKEFLAGS npm_config_node_options NPM_CONFIG_SCRIPT_SHELL JAVA_TOOL_OPTIONS LUA_INIT';

// verifies: PRIN-3
describe('text that says what is run', () => {
  it.each(ASKING)('is a word of: %s', (text) => {
    expect(asks({ argv: line(text) })).toBe(true);
  });

  it.each(ASKING_INPUT)('is the input of: %s', (text) => {
    expect(asks({ argv: line(text), stdin: X })).toBe(true);
    expect(programTexts({ argv: line(text), stdin: X })).toContain(X);
  });

  it.each(VARIABLES.split(' '))('is the variable %s', (name) => {
    expect(asks({ argv: ['ls'], env: { [name]: X } })).toBe(true);
    expect(asks({ argv: ['env', `${name}=${X}`, 'ls'] })).toBe(true);
  });

  it('is the folder that it stands in', () => {
    expect(asks({ argv: ['make'], cwd: `packages/${X}` })).toBe(true);
  });

  it('is no other text', () => {
    expect(QUIET.filter(([, command]) => asks(command)).map(([what]) => what)).toEqual([]);
  });

  it('stays that behind any row of programs that start it', () => {
    const asking = fc.oneof(
      fc.constantFrom(...ASKING).map((text): Command => ({ argv: line(text) })),
      fc.constantFrom(...ASKING_INPUT).map((text): Command => ({ argv: line(text), stdin: X })),
    );
    fc.assert(
      fc.property(asking, fc.array(fc.constantFrom(...WRAPPING), { maxLength: 6 }), ({ argv, ...more }, before) => {
        expect(asks({ ...more, argv: [...before.flatMap((text) => text.split(' ')), ...argv] })).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is read from any words, however odd', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('sh', 'env', 'xargs', 'find', '-exec', '-c', '-S', '--', ';', '-I', X, 'git', 'sed', '-e', '*'),
    );
    fc.assert(fc.property(fc.array(word, { maxLength: 20 }), (argv) => void choosingTexts({ argv, stdin: 'x' })));
    const deep = Array.from({ length: 85 }, () => ['docker', 'env', 'xargs']).flat();
    expect(asks({ argv: [...deep, X] })).toBe(true);
  });
});
