import { sign } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditHeadBytes, leafOf } from '#contract/audit-chain.ts';
import { MerkleTree } from '#contract/merkle.ts';
import { backup, restore } from '#gics/backup.ts';
import type { GicsClient } from '#gics/client.ts';
import { verifyBackup } from '#gics/manifest.ts';
import { verifyStore } from '#gics/verify.ts';
import { checkpointName } from '#platform/checkpoint-files.ts';
import { ensureKeys, readSigningKey } from '#platform/keys.ts';
import { dataPaths } from '#platform/paths.ts';
import { TestDaemon } from './gics-daemon.ts';

const SOUND = { ok: true, faults: [], checked: { records: 2, streams: 2, chained: 3, blobs: 1 } };

let daemon: TestDaemon;
let gics: GicsClient;
let sha256: string;
let blobFile: string;
let target: string;

beforeEach(async () => {
  daemon = await new TestDaemon().start();
  gics = daemon.client();
  ({ sha256 } = await gics.putBlob(new TextEncoder().encode('a blob of some bytes')));
  blobFile = path.join(daemon.paths.gics, 'blobs', sha256.slice(0, 2), sha256);
  await gics.txn([
    { op: 'put', collection: 'runs', id: 'r', value: { blob: sha256 } },
    { op: 'put', collection: 'drafts', id: 'd', value: {} },
    { op: 'append', stream: 'audit', items: [{ data: { n: 1 } }, { data: { n: 2 } }, { data: { n: 3 } }] },
    { op: 'append', stream: 'changes', items: [{ data: 'r' }, { data: 'd' }, { data: 'e' }] },
  ]);
  writeFileSync(daemon.paths.signingKey, 'a key', { mode: 0o600 });
  const temporal = new Database(daemon.paths.temporalDb);
  temporal.pragma('journal_mode = WAL');
  temporal.exec("CREATE TABLE t (x); INSERT INTO t VALUES ('of temporal')");
  temporal.close();
  target = path.join(daemon.dir, 'backup');
});
afterEach(() => daemon[Symbol.asyncDispose]());

function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

function changeDatabase(sql: string): void {
  const db = new Database(path.join(daemon.paths.gics, 'gics.sqlite'));
  expect(db.prepare(sql).run().changes).toBe(1);
  db.close();
}

describe('a backup', () => {
  test('made beside a writing daemon comes back as it was', async () => {
    const writing = new AbortController();
    const writer = (async () => {
      for (let n = 0; !writing.signal.aborted; n += 1) await gics.txn([{ op: 'put', collection: 'settings', id: 's', value: { n } }]);
    })();
    expect(await gics.backup(target)).toMatchObject({ target, files: 4 });
    writing.abort();
    await writer;
    expect(await verifyBackup(target)).toMatchObject({ ok: true, faults: [] });

    const restored = dataPaths(path.join(daemon.dir, 'restored'));
    await restore(target, restored);
    expect(await verifyStore(restored)).toEqual({ ...SOUND, checked: { ...SOUND.checked, records: 3 } });
    expect([readFileSync(restored.signingKey, 'utf8'), statSync(restored.signingKey).mode & 0o777]).toEqual(['a key', 0o600]);
    const temporal = new Database(restored.temporalDb, { readonly: true });
    expect(temporal.prepare('SELECT x FROM t').all()).toEqual([{ x: 'of temporal' }]);
    temporal.close();
  });

  test('serves a new daemon like the one that it was made from', async () => {
    await daemon.stop('SIGTERM');
    expect(await daemon.tool('backup', target)).toMatchObject({ code: 0, answer: { files: 4 } });
    await using other = new TestDaemon();
    expect(await other.tool('restore', target)).toMatchObject({ code: 0 });
    await other.start();
    const client = other.client();
    expect(await client.get('runs', 'r')).toMatchObject({ rev: 1, value: { blob: sha256 } });
    expect(new TextDecoder().decode((await client.getBlob(sha256)) ?? undefined)).toBe('a blob of some bytes');
    expect(await client.txn([{ op: 'append', stream: 'audit', items: [{ data: 4 }] }])).toEqual([{ offsets: [4] }]);
    expect(await client.verify()).toMatchObject({ ok: true, checked: { chained: 4 } });
  });

  test('never overwrites a folder, and is never restored over data', async () => {
    mkdirSync(target);
    await expect(gics.backup(target)).rejects.toMatchObject({ code: 'CONFLICT' });
    await backup(daemon.paths, `${target}-2`);
    await expect(restore(`${target}-2`, daemon.paths)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(restore(target, dataPaths(path.join(daemon.dir, 'new')))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test.for([['a changed byte', (file: string) => flipByte(file, 3)]] as const)(
    'with %s is refused, and nothing is restored',
    async ([, damage]) => {
      await backup(daemon.paths, target);
      damage(path.join(target, 'gics', 'blobs', sha256.slice(0, 2), sha256));
      const restored = dataPaths(path.join(daemon.dir, 'restored'));
      expect(await verifyBackup(target)).toMatchObject({ ok: false, faults: [expect.stringContaining(sha256)] });
      await expect(restore(target, restored)).rejects.toMatchObject({ code: 'GICS_CORRUPT' });
      expect(existsSync(restored.data)).toBe(false);
    },
  );

  test('whose manifest points outside of it is refused', async () => {
    await backup(daemon.paths, target);
    const file = path.join(target, 'manifest.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"keys/signing.json"', '"keys/../../signing.json"'));
    await expect(verifyBackup(target)).rejects.toMatchObject({ code: 'GICS_CORRUPT' });
  });
});

describe('the checkpoints of the audit log', () => {
  /** One that covers the first entries, signed by a new key that the ring of the instance holds. */
  async function checkpoint(seq: number): Promise<string> {
    rmSync(daemon.paths.signingKey, { force: true });
    ensureKeys(daemon.paths);
    const { kid, privateKey } = readSigningKey(daemon.paths.signingKey);
    const tree = new MerkleTree();
    const entries = (await gics.read('audit', { from: 1, limit: seq })).map((entry) => entry.hash ?? '');
    for (const hash of entries) tree.append(leafOf(hash));
    const head = { stream: 'audit', seq, hash: entries.at(-1) ?? '', root: tree.root(), at: '2026-01-01T00:00:00.000Z' };
    const signature = sign(null, auditHeadBytes(head), privateKey).toString('hex');
    const file = path.join(daemon.paths.checkpoints, checkpointName(seq));
    writeFileSync(file, `${JSON.stringify({ head: { ...head, kid, signature }, peaks: tree.peaks })}\n`);
    return file;
  }
  const all = { ...SOUND, checked: { ...SOUND.checked, checkpoints: 1 } };

  test('are in a backup, come back with it, and fit the log that comes back', async () => {
    const file = await checkpoint(2);
    await gics.backup(target);
    const restored = dataPaths(path.join(daemon.dir, 'restored'));
    await restore(target, restored);
    const copy = path.join(restored.checkpoints, path.basename(file));
    expect(readFileSync(copy, 'utf8')).toBe(readFileSync(file, 'utf8'));
    expect(await verifyStore(restored)).toEqual(all);
  });

  test('tell a log that was written anew, although its own chain is sound', async () => {
    const file = await checkpoint(3);
    const name = path.basename(file);
    expect(await gics.verify()).toEqual(all);
    const text = readFileSync(file, 'utf8');
    for (const [changed, fault] of [
      [text.replace(/"peaks":\["./, '"peaks":["_'), `The checkpoint ${name} was changed or damaged.`],
      [text.replace(/"at":"2026/, '"at":"2027'), `The checkpoint ${name} is not signed by a key of the ring.`],
    ] as const) {
      writeFileSync(file, changed);
      expect(await gics.verify()).toMatchObject({ ok: false, faults: [fault] });
    }
    writeFileSync(file, text);
    await daemon.stop('SIGTERM');
    await using other = await new TestDaemon().start();
    await other.client().txn([{ op: 'append', stream: 'audit', items: [{ data: { n: 1 } }, { data: { n: 2 } }, { data: { n: 4 } }] }]);
    await other.stop('SIGTERM');
    for (const part of ['', '-wal', '-shm']) {
      const from = path.join(other.paths.gics, `gics.sqlite${part}`);
      rmSync(path.join(daemon.paths.gics, `gics.sqlite${part}`), { force: true });
      if (existsSync(from)) copyFileSync(from, path.join(daemon.paths.gics, `gics.sqlite${part}`));
    }
    const fault = `The audit log is not what the checkpoint ${name} says that it was.`;
    expect(await verifyStore(daemon.paths)).toMatchObject({ ok: false, faults: [fault] });
    await backup(daemon.paths, target);
    expect(await verifyBackup(target)).toMatchObject({ ok: false, faults: [fault] });
    await expect(restore(target, dataPaths(path.join(daemon.dir, 'restored')))).rejects.toMatchObject({ code: 'GICS_CORRUPT' });
  });
});

describe('verify', () => {
  test('finds nothing wrong with a sound store, beside its daemon and without it', async () => {
    expect(await gics.verify()).toEqual(SOUND);
    await daemon.stop('SIGTERM');
    expect(await daemon.tool('verify')).toEqual({ code: 0, answer: SOUND });
  });

  test('finds a flipped byte in a blob, and so does whoever reads it, whole or in part', async () => {
    flipByte(blobFile, 5);
    expect(await gics.verify()).toMatchObject({ ok: false, faults: [`Blob ${sha256} does not have its hash.`] });
    await expect(gics.getBlob(sha256)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await expect(gics.getBlob(sha256, { start: 0, end: 2 })).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  });

  test.for([
    [
      'a changed byte in an audit entry',
      `UPDATE entries SET data = '{"n":9}' WHERE data = '{"n":2}'`,
      'The chain of audit is broken at offset 2.',
    ],
    ['an audit entry that is not its last', `DELETE FROM entries WHERE data = '{"n":2}'`, 'The chain of audit is broken at offset 3.'],
    [
      'a cut end of the audit log',
      `DELETE FROM entries WHERE data = '{"n":3}'`,
      'The chain of audit does not end in the hash that the stream was left with.',
    ],
    ['a gap in a stream', `DELETE FROM entries WHERE data = '"d"'`, 'Stream changes has a gap: 2 entries between 1 and 3.'],
    ['entries without a stream', `DELETE FROM streams WHERE name = 'changes'`, '3 entries belong to no stream.'],
  ] as const)('finds %s', async ([, sql, fault]) => {
    await daemon.stop('SIGTERM');
    changeDatabase(sql);
    const { code, answer } = await daemon.tool('verify');
    expect(code).toBe(3);
    expect(answer['faults']).toContain(fault);
  });

  test('finds a database whose pages were overwritten', async () => {
    await daemon.stop('SIGTERM');
    const file = path.join(daemon.paths.gics, 'gics.sqlite');
    const bytes = readFileSync(file);
    bytes.fill(0xee, 3 * 4096);
    writeFileSync(file, bytes);
    expect(await verifyStore(daemon.paths)).toMatchObject({ ok: false, faults: expect.arrayContaining([expect.any(String)]) });
  });
});
