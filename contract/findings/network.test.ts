import { describe, expect, it } from 'vitest';
import { find, run } from './test-danger.ts';

const request = (url: string): object => ({ id: 'a', kind: 'http', with: { url } });
const FACTS = { local_hosts: ['127.0.0.1:9650', '10.0.0.5:80'] };
const names = (node: object): boolean => find([node], {}, FACTS).some(({ rule }) => rule === 'LOCAL_HOST');

describe('a service of the local network', () => {
  it.each(['http://127.0.0.1:9650/', 'http://127.0.0.1:09650/', 'http://10.0.0.5/', 'http://10.0.0.5:080/'])(
    'is named however its port is written: %s',
    (url) => {
      expect(names(request(url))).toBe(true);
    },
  );

  it('is named when a process may reach it', () => {
    expect(names(run(['curl', 'http://127.0.0.1:9650'], { hosts: ['127.0.0.1:09650'] }))).toBe(true);
    expect(names(run(['curl', 'http://127.0.0.1:9651'], { hosts: ['127.0.0.1:9651'] }))).toBe(false);
  });
});
