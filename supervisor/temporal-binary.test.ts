import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTemporal, temporalCacheDir, TEMPORAL_VERSION } from './temporal-binary.ts';
import { archiveUrls } from './temporal-download.ts';

let dir: string;
let bin: string;
let said: string[];
let server: http.Server;
let archive: Buffer | null;
let url: string;

beforeEach(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-temporal-'));
  bin = path.join(dir, 'bin');
  mkdirSync(bin);
  said = [];
  archive = null;
  server = http.createServer((_, response) => (archive === null ? response.writeHead(404).end() : response.end(archive)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/temporal.tar.gz`;
});
afterEach(() => {
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

function script(file: string, body: string): string {
  writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A `go` that "builds" by writing a program that runs, and notes each build. */
const fakeGo = (): string =>
  script(
    path.join(bin, 'go'),
    `echo "$@" >> ${dir}/builds; printf '#!/bin/sh\\necho built\\n' > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"; sleep 0.3`,
  );

const find = () =>
  findTemporal({
    env: { PATH: bin, HOME: dir, XDG_CACHE_HOME: path.join(dir, 'cache') },
    progress: (text) => said.push(text),
    signal: new AbortController().signal,
    archives: [url],
  });
const cached = (): string => path.join(temporalCacheDir({ XDG_CACHE_HOME: path.join(dir, 'cache') }), 'temporal');

describe('Temporal is found', () => {
  it('on PATH before anything else, unless what is there does not run', async () => {
    fakeGo();
    const onPath = script(path.join(bin, 'temporal'), 'exit 0');
    expect(await find()).toBe(onPath);
    script(path.join(bin, 'temporal'), 'exit 1');
    expect(await find()).toBe(cached());
  });

  it('by download, and from the cache ever after', async () => {
    script(path.join(dir, 'temporal'), `echo temporal version ${TEMPORAL_VERSION}`);
    archive = execFileSync('tar', ['-czf', '-', '-C', dir, 'temporal']);
    expect(await find()).toBe(cached());
    expect(said).toEqual([`downloading Temporal ${TEMPORAL_VERSION}`]);
    archive = null;
    expect(await find()).toBe(cached());
  });

  it('by a build when the download is of another version, and two starts build once', async () => {
    script(path.join(dir, 'temporal'), 'echo temporal version 0.0.1');
    archive = execFileSync('tar', ['-czf', '-', '-C', dir, 'temporal']);
    fakeGo();
    expect(await Promise.all([find(), find()])).toEqual([cached(), cached()]);
    expect(readFileSync(path.join(dir, 'builds'), 'utf8')).toBe(`install github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}\n`);
    expect(said).toContain('building Temporal with go, 0 s, usually 3 min');
    expect(said).toContain('another start is fetching Temporal; waiting for it');
  });

  it('or one sentence says why not and what to install', async () => {
    await expect(find()).rejects.toThrow(
      /^Temporal was not found and could not be downloaded \(127\.0\.0\.1:\d+: answered 404\): install the `temporal` command or Go, or set/,
    );
    script(path.join(bin, 'go'), 'echo no network >&2; exit 1');
    await expect(find()).rejects.toThrow(
      'Temporal could not be built (go install ended with 1: no network): install the `temporal` command.',
    );
  });
});

describe('the official archives', () => {
  it('are named as their publisher names platforms', () => {
    expect(archiveUrls('1.5.1', 'darwin', 'x64').every((archiveUrl) => archiveUrl.includes('darwin') && archiveUrl.includes('amd64'))).toBe(
      true,
    );
  });
});
