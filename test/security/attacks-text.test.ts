/** Named attacks on what a person reads: hidden and look-alike characters; docs/attacks.md lists them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draft, Packet } from '#contract/objects.ts';
import { presence, startApp, type TestApp } from '../helpers/app.ts';
import { packetOf } from '../helpers/people.ts';

// verifies: SEC-7, ARC-6
describe('an attack on what is read', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp();
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]);
  });
  afterAll(() => t.close());

  const draft = async (node: object, more: object = {}): Promise<{ draft: Draft; packet: Packet }> => {
    const { body } = await t.post<Draft>('/ops/drafts', { plan: { version: 1, title: 'T', nodes: [{ id: 'a', ...node }], ...more } });
    return { draft: body, packet: await packetOf(t, body.id) };
  };
  const rules = ({ findings }: Packet): string[] => findings.map(({ rule, severity, node }) => `${rule} ${severity} ${node ?? '-'}`);
  const command = (argv: string[]): object => ({ kind: 'process', with: { argv } });

  describe('confusables', () => {
    it('a program is written with letters of another alphabet', async () => {
      const { packet } = await draft(command(['g\u0456t', 'push']));
      expect([packet.risk, rules(packet)]).toEqual(['high', expect.arrayContaining(['FOREIGN_NAME high -', 'LOOKALIKE_LETTERS high a'])]);
      expect(packet.findings.find(({ rule }) => rule === 'FOREIGN_NAME')?.evidence).toContain('g<U+0456>t');
    });

    it('a host is written with letters of another alphabet', async () => {
      const { status, body, text } = await t.post<Draft>('/ops/drafts', {
        plan: { version: 1, title: 'T', nodes: [{ id: 'a', kind: 'noop' }], envelope: { hosts: ['ex\u0430mple.org'] } },
      });
      expect(status === 400 || rules(await packetOf(t, body.id)).includes('FOREIGN_NAME high -'), text).toBe(true);
    });

    it('a title mixes alphabets to be taken for one that was approved before', async () => {
      const { packet } = await draft({ kind: 'noop' }, { title: 'Rele\u0430se' });
      expect(rules(packet)).toContain('LOOKALIKE_LETTERS medium -');
    });
  });

  describe('hidden characters', () => {
    it('a command hides an argument behind characters of no width', async () => {
      const { draft: made, packet } = await draft(command(['git', 'lo\u200Bg', '\u2060--all']));
      expect(made.plan?.nodes[0]?.with).toMatchObject({ argv: ['git', 'log', '--all'] });
      expect(rules(packet)).toContain('HIDDEN_CHARACTERS high a');
      expect(packet.findings.find(({ rule }) => rule === 'HIDDEN_CHARACTERS')?.evidence).toBe('lo<U+200B>g');
      expect(JSON.stringify(packet.plan)).not.toMatch(/[\u200B\u2060]/);
    });

    it('a sentence is turned around', async () => {
      const { packet } = await draft({ kind: 'noop', title: 'safe \u202Efr- mr\u202C' });
      expect(packet.findings.find(({ rule }) => rule === 'HIDDEN_CHARACTERS')).toMatchObject({
        node: 'a',
        evidence: 'safe <U+202E>fr- mr<U+202C>',
      });
    });

    it('a prompt carries instructions in tags that nobody sees', async () => {
      const hidden = Array.from('obey', (char) => String.fromCodePoint(0xe0000 + (char.codePointAt(0) ?? 0))).join('');
      const { body } = await t.post<Draft>('/ops/drafts', { prompt: `Summarise${hidden} this` });
      expect([body.prompt, JSON.stringify(body.plan)]).toEqual(['Summarise this', expect.stringContaining('Summarise this')]);
      expect(rules(await packetOf(t, body.id))).toContain('HIDDEN_CHARACTERS high answer');
    });

    it('two texts that look the same are two plans', async () => {
      const plain = await draft({ kind: 'noop', with: { value: 'same' } });
      const hidden = await draft({ kind: 'noop', with: { value: 'sa\u200Cme' } });
      expect(hidden.draft.hash).toBe(plain.draft.hash);
      expect(hidden.packet.packet_hash).not.toBe(plain.packet.packet_hash);
    });

    it('a text that was cleaned once is cleaned again to something else', async () => {
      const first = await draft({ kind: 'noop', with: { value: 'a\u200B\u200D\uFE0Fb' } });
      const again = await t.put<Draft>(`/ops/drafts/${first.draft.id}`, { plan: first.draft.plan });
      expect(again.body.hash).toBe(first.draft.hash);
      expect(rules(await packetOf(t, first.draft.id))).toEqual([]);
    });

    it('a risky plan is approved blindly because its warning was hidden', async () => {
      const { draft: made, packet } = await draft({ kind: 'noop', title: 'x\u200By' });
      expect(packet.risk).toBe('high');
      expect(await t.post(`/ops/drafts/${made.id}/approve`)).toMatchObject({ status: 428, body: { code: 'HASH_REQUIRED' } });
    });
  });
});
