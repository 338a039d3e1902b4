import { describe, expect, it } from 'vitest';
import { ROUTE_IDS } from '#contract/routes/index.ts';
import { commandOf, commandTable } from './command-table.ts';
import { CliFailure } from './failure.ts';
import { createProgram } from './program.ts';
import { callInput } from './route-commands.ts';
import { optionFlags, optionsOf } from './schema-options.ts';

const flagsOf = (id: (typeof ROUTE_IDS)[number]): string[] => commandOf(id).options.map((option) => option.flag);

describe('the command table', () => {
  // verifies: PRIN-1
  it('has one command for every route, and no two share a name', () => {
    const names = commandTable().map(({ group, verb }) => `${group ?? ''} ${verb}`);
    expect(commandTable().map(({ id }) => id)).toEqual(ROUTE_IDS);
    expect(new Set(names).size).toBe(ROUTE_IDS.length);
  });

  it('puts every route into the program, next to the commands written by hand', () => {
    const program = createProgram({});
    for (const { group, verb } of commandTable()) {
      const parent = group === null ? program : program.commands.find((command) => command.name() === group);
      expect(parent?.commands.filter((command) => command.name() === verb)).toHaveLength(1);
    }
    const byHand = [
      'run',
      'watch',
      'logs',
      'open',
      'demo',
      'verify',
      'backup',
      'restore',
      'token',
      'key',
      'mcp',
      'setup-mcp',
      'doctor',
      'completion',
    ];
    expect(byHand.filter((name) => program.commands.filter((command) => command.name() === name).length !== 1)).toEqual([]);
  });

  it('gives every command a description and an example', () => {
    const program = createProgram({});
    const leaves = program.commands.flatMap((command) => (command.commands.length > 0 ? [...command.commands] : [command]));
    for (const leaf of leaves) {
      let help = '';
      leaf.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(leaf.description()).not.toBe('');
      expect(help).toMatch(/Examples?:\n {2}(gimo|npm) /);
    }
  });

  it('lets no option of a route hide one that every command has', () => {
    const taken = ['json', 'url', 'token', 'data', 'body', 'help'];
    expect(ROUTE_IDS.flatMap(flagsOf).filter((flag) => taken.includes(flag))).toEqual([]);
    expect(flagsOf('auth_login')).toEqual(['body-token', 'code']);
  });
});

describe('options from schemas', () => {
  it('take their names, kinds and choices from query and body', () => {
    expect(flagsOf('drafts_approve')).toEqual(['auto-run', 'hash', 'comment', 'inputs']);
    const status = commandOf('runs_list').options.find((option) => option.flag === 'status');
    expect(status).toMatchObject({ where: 'query', kind: 'text', choices: ['pending', 'running', 'done', 'error', 'cancelled'] });
    expect(optionFlags(commandOf('runs_list').options[0] ?? optionsOf(undefined, 'query')[0]!)).toBe('--limit <number>');
  });

  it('keep the types of what was typed', () => {
    const input = callInput(commandOf('drafts_approve'), ['d_1'], { autoRun: 'true', hash: 'ab', inputs: ['n=3', 'word=x y', 'ok=true'] });
    expect(input).toEqual({
      params: { id: 'd_1' },
      query: { auto_run: 'true' },
      body: { hash: 'ab', inputs: { n: 3, word: 'x y', ok: true } },
    });
    expect(callInput(commandOf('config_put'), [], { maxConcurrentRuns: '7', defaultAutoRun: true })).toMatchObject({
      body: { max_concurrent_runs: 7, default_auto_run: true },
    });
  });

  it('may be typed as a word where a command is about one thing', () => {
    expect(callInput(commandOf('file'), ['README.md'], { fromLine: '3' })).toEqual({
      params: {},
      query: { path: 'README.md', from_line: '3' },
    });
    expect(callInput(commandOf('search'), ['TODO'], { path: 'src', regex: 'true' })).toEqual({
      params: {},
      query: { q: 'TODO', path: 'src', regex: 'true' },
    });
    expect(callInput(commandOf('diff'), [], {})).toEqual({ params: {} });
  });

  it('refuse what does not fit, naming the option', () => {
    expect(() => callInput(commandOf('config_put'), [], { maxConcurrentRuns: 'many' })).toThrow(/--max-concurrent-runs takes a number/);
    expect(() => callInput(commandOf('runs_create'), [], { inputs: ['x'] })).toThrow(/name=value/);
    expect(() => callInput(commandOf('runs_create'), [], {})).toThrow(CliFailure);
  });

  it('send no body where nothing was typed and none is needed', () => {
    expect(callInput(commandOf('gates_approve'), ['g_1'], {})).toEqual({ params: { id: 'g_1' } });
  });
});
