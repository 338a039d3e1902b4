import { describe, expect, test } from 'vitest';
import { buildPath, nextCursor } from './path.ts';

// verifies: P1-2
describe('paths of the route table', () => {
  test('parameters are filled in and encoded', () => {
    expect(buildPath('/ops/runs/{id}/nodes/{node}', { id: 'r_1', node: 'm[3].fix' })).toBe('/ops/runs/r_1/nodes/m%5B3%5D.fix');
  });
  test('a value cannot leave its place in the path', () => {
    expect(buildPath('/ops/drafts/{id}', { id: '../../auth/logout?x=1#y' })).toBe('/ops/drafts/..%2F..%2Fauth%2Flogout%3Fx%3D1%23y');
  });
  test('a missing parameter is refused instead of calling another path', () => {
    expect(() => buildPath('/ops/drafts/{id}', {})).toThrow('needs the parameter id');
    expect(() => buildPath('/ops/drafts/{id}', { id: '' })).toThrow('needs the parameter id');
  });
  test('the query holds what is given and leaves out what is not', () => {
    expect(buildPath('/ops/runs', {}, { limit: 50, status: 'done', cursor: undefined })).toBe('/ops/runs?limit=50&status=done');
  });
});

describe('paging', () => {
  test('the next cursor is read from the Link header', () => {
    expect(nextCursor('</ops/runs?limit=50&cursor=r_9%20>; rel="next"')).toBe('r_9 ');
    expect(nextCursor('</ops/runs>; rel="first", </ops/runs?cursor=a,b>; rel="next"')).toBe('a,b');
  });
  test('there is none at the end of a list', () => {
    expect(nextCursor(null)).toBeNull();
    expect(nextCursor('</ops/runs?cursor=x>; rel="prev"')).toBeNull();
  });
});
