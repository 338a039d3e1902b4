import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { launchArgv, packEnv } from './launch.ts';

test('every value reaches the program byte for byte', () => {
  const value = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0') && text.isWellFormed());
  fc.assert(
    fc.property(value, value, (one, two) => {
      const [file = '', ...args] = launchArgv(['/usr/bin/env', '-0'], {}, null);
      const seen = execFileSync(file, args, { env: packEnv({ ONE: one, LD_TWO: two }), encoding: 'utf8' }).split('\0');
      expect(seen).toContain(`ONE=${one}`);
      expect(seen).toContain(`LD_TWO=${two}`);
    }),
    { numRuns: 30 },
  );
});

test('names that a shell cannot export, or that are ours, are refused', () => {
  for (const name of ['A B', '', '1A', 'a=b', 'BASH_FUNC_mount%%', 'GIMO_EFFECT', 'gimo_n', 'PPID', 'A;id']) {
    expect(() => packEnv({ [name]: 'x' })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  }
  expect(() => packEnv({ A: 'a\0b' })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});

test('no name of the plan stands in the environment before the limits hold', () => {
  const packed = packEnv({ LD_PRELOAD: '/x.so', PATH: '/plan' });
  expect(Object.keys(packed).sort()).toEqual(['GIMO_NAMES', 'GIMO_V_LD_PRELOAD', 'GIMO_V_PATH', 'PATH']);
  expect(packed.PATH).not.toContain('/plan');
});

test('a program without a name, or with that of an option, is not found', () => {
  for (const argv of [[], [''], ['-c', 'id']]) {
    expect(() => launchArgv(argv, {}, null)).toThrow(expect.objectContaining({ code: 'PROCESS_NOT_FOUND' }));
  }
});

test('limits stand before the program', () => {
  const argv = launchArgv(['x'], { memoryBytes: 1, cpuSeconds: 2, fileBytes: 3, maxProcesses: 4 }, '/bin/prlimit');
  expect(argv.slice(0, 7)).toEqual(['/bin/prlimit', '--core=0', '--data=1', '--cpu=2:4', '--fsize=3', '--nproc=4', '--']);
});
