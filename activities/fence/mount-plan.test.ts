import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ResolvedFenceSpec, SystemPaths } from './fence.ts';
import { isWithin, mountPlan } from './mount-plan.ts';

const system: SystemPaths = {
  readPaths: ['/usr', '/etc'],
  links: [{ path: '/bin', target: 'usr/bin' }],
  coverDirs: ['/etc/ssh'],
  coverFiles: ['/etc/shadow'],
};

const spec = (more: Partial<ResolvedFenceSpec> = {}): ResolvedFenceSpec => ({
  argv: ['true'],
  cwd: '/data/ws',
  env: {},
  readPaths: [],
  writePaths: [],
  coverDirs: [],
  coverFiles: [],
  network: 'none',
  ...more,
});

const folder = fc.array(fc.constantFrom('a', 'b', 'data'), { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);

test('a step never hides one before it: parents come first, the root is sealed last', () => {
  fc.assert(
    fc.property(fc.array(folder), fc.array(folder), fc.array(folder), (readPaths, writePaths, coverDirs) => {
      const plan = mountPlan(system, spec({ readPaths, writePaths, coverDirs }));
      const mounts = plan.filter((step) => step.op !== 'seal');
      for (const [index, step] of mounts.entries()) {
        for (const later of mounts.slice(index + 1)) expect(isWithin(step.path, later.path)).toBe(false);
      }
      expect(plan.at(-1)).toEqual({ op: 'seal', path: '/' });
    }),
  );
});

test('a cover always hides what lies below it, but for paths that were named below it', () => {
  fc.assert(
    fc.property(fc.array(folder), fc.array(folder), fc.array(folder, { minLength: 1 }), (readPaths, writePaths, coverDirs) => {
      const plan = mountPlan(system, spec({ readPaths, writePaths, coverDirs }));
      for (const cover of coverDirs) {
        const nearest = plan.filter((step) => step.op !== 'seal' && isWithin(cover, step.path)).at(-1);
        const isVisible = nearest !== undefined && (nearest.op === 'read' || nearest.op === 'write');
        expect(isVisible).toBe(false);
      }
    }),
  );
});

test('covers that nothing shows are left out, those of the system are there', () => {
  const plan = mountPlan(
    system,
    spec({ readPaths: ['/data'], writePaths: ['/data/ws'], coverDirs: ['/data', '/elsewhere'], coverFiles: ['/data/ws/x'] }),
  );
  const before = 'link /bin, read /usr, read /etc, proc /proc, dev /dev, empty /tmp, empty /data, folder /tmp/home, write /data/ws';
  const after = 'empty /etc/ssh, mask /etc/shadow, mask /data/ws/x, seal /etc/ssh, seal /data, seal /';
  expect(plan.map((step) => `${step.op} ${step.path}`).join(', ')).toBe(`${before}, ${after}`);
});

test('paths that are not plain, the root and parts of the kernel are refused', () => {
  for (const wrong of ['relative', '/a/../b', '/a/', '/', '', '/a//b']) {
    expect(() => mountPlan(system, spec({ writePaths: [wrong] }))).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  }
  for (const wrong of ['/proc/1', '/sys', '/dev/sda']) {
    expect(() => mountPlan(system, spec({ readPaths: [wrong] }))).toThrow(expect.objectContaining({ code: 'OUTSIDE_ENVELOPE' }));
  }
});
