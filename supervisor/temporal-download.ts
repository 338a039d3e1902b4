/** The official archive of the Temporal command. Closed networks have none: then it fails within seconds, and Go builds it. */
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorMessage } from '#contract/errors.ts';
import { runProgram } from './run-program.ts';

const ANSWER_MS = 10_000;
const DOWNLOAD_MS = 10 * 60_000;

type Options = {
  /** Where to look, in this order. */
  archives: string[];
  progress: (text: string) => void;
  signal: AbortSignal;
};

/** In: an empty folder. Out: the program in it. Throws: why no source had it. */
export async function downloadTemporal(version: string, work: string, options: Options): Promise<string> {
  const failures: string[] = [];
  for (const url of options.archives) {
    try {
      return await downloadFrom(url, work, version, options);
    } catch (error) {
      options.signal.throwIfAborted();
      const cause = error instanceof Error ? error.cause : undefined;
      failures.push(`${new URL(url).host}: ${cause === undefined ? errorMessage(error) : errorMessage(cause)}`);
    }
  }
  throw new Error(failures.join('; '));
}

export function archiveUrls(version: string, platform: string = process.platform, arch: string = process.arch): string[] {
  const goArch = arch === 'x64' ? 'amd64' : arch;
  return [
    `https://temporal.download/cli/archive/v${version}?platform=${platform}&arch=${goArch}`,
    `https://github.com/temporalio/cli/releases/download/v${version}/temporal_cli_${version}_${platform}_${goArch}.tar.gz`,
  ];
}

async function downloadFrom(url: string, work: string, version: string, { progress, signal }: Options): Promise<string> {
  const response = await answerOf(url, signal);
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`answered ${response.status}`);
  }
  progress(`downloading Temporal ${version}`);
  const archive = path.join(work, 'temporal.tar.gz');
  const file = createWriteStream(archive);
  await pipeline(Readable.fromWeb(response.body), file, { signal });
  const expected = Number(response.headers.get('content-length') ?? file.bytesWritten);
  if (file.bytesWritten !== expected) throw new Error(`sent ${file.bytesWritten} of ${expected} bytes`);
  return unpack(archive, work, version, signal);
}

/** The first bytes must come within 10 s; the rest may take its time. */
async function answerOf(url: string, signal: AbortSignal): Promise<Response> {
  const answered = new AbortController();
  const timer = setTimeout(() => answered.abort(new Error('no answer within 10 s')), ANSWER_MS);
  try {
    return await fetch(url, { signal: AbortSignal.any([signal, answered.signal, AbortSignal.timeout(DOWNLOAD_MS)]) });
  } finally {
    clearTimeout(timer);
  }
}

async function unpack(archive: string, work: string, version: string, signal: AbortSignal): Promise<string> {
  const { code, output } = await runProgram('tar', ['-xzf', archive, '-C', work, 'temporal'], { signal });
  if (code !== 0) throw new Error(`the archive cannot be unpacked: ${output}`);
  const program = path.join(work, 'temporal');
  const said = await runProgram(program, ['--version'], { signal });
  if (!said.output.includes(version)) throw new Error(`it holds another version: ${said.output}`);
  return program;
}
