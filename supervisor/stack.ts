/** One running instance: brought up in order, kept up, taken down in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gics } from '#contract/gics.ts';
import { ReadySchema } from '#contract/ready.ts';
import type { Config } from '#platform/config.ts';
import { writeInstance } from '#platform/instance.ts';
import { createLoginLink } from '#platform/login-link.ts';
import type { Env } from './child-env.ts';
import { ownSpec, STOP_ORDER, temporalSpec } from './part-specs.ts';
import { PartsRunner } from './parts-runner.ts';
import { prepareStart, type Prepared } from './prepare.ts';
import { Refusal, sentenceOf } from './refusal.ts';
import type { Links, Reporter } from './reporter.ts';
import { findTemporal } from './temporal-binary.ts';
import { prepareNamespace } from './temporal-server.ts';
import { ensureWebBuild } from './web-build.ts';

const READY_POLL_MS = 100;
const READY_TELL_MS = 10_000;

export type StackOptions = {
  root: string;
  config: Config;
  env: Env;
  reporter: Reporter;
  hasLink: boolean;
  connectGics: (config: Config) => Gics;
};

export class Stack {
  readonly #options: StackOptions;
  readonly #stopping = new AbortController();
  readonly #failed = Promise.withResolvers<never>();
  #runner: PartsRunner | null = null;
  #prepared: Prepared | null = null;

  constructor(options: StackOptions) {
    this.#options = options;
    this.#failed.promise.catch(() => {}); // whoever waits for `failed` or `up` hears it
  }

  /** Rejects when the instance cannot be kept up. Never resolves. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Resolves when GET /ready says ready. Throws: Refusal. */
  async up(): Promise<Links> {
    return Promise.race([this.#up(), this.#failed.promise]);
  }

  /** Stops all parts, within 5 s. Safe at any moment of the start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Refusal('stopped'));
    await this.#runner?.stop(STOP_ORDER);
    if (this.#prepared !== null) this.#prepared.instance.is_up = false;
    this.#save();
    this.#prepared?.release();
  }

  /** The last resort, synchronous: no process of the instance survives it. */
  killAll(): void {
    this.#runner?.killAll();
    this.#prepared?.release();
  }

  async #up(): Promise<Links> {
    const { config: given, env, reporter } = this.#options;
    const prepared = await prepareStart(given, env, reporter);
    this.#prepared = prepared;
    this.#stopping.signal.throwIfAborted();
    this.#runner = new PartsRunner(prepared.config.paths.logs, reporter, {
      onChange: (parts) => {
        prepared.instance.parts = parts;
        this.#save();
      },
      onCrashLoop: (part, line) => this.#crashLoop(part, line),
    });
    this.#save();
    await this.#startParts(prepared, this.#runner);
    await this.#step('everything ready', () => this.#untilReady(prepared.instance.url));
    prepared.instance.is_up = true;
    this.#save();
    return this.#links(prepared);
  }

  async #startParts({ config, temporal }: Prepared, runner: PartsRunner): Promise<void> {
    const { env, root, reporter } = this.#options;
    const signal = this.#stopping.signal;
    const run = (name: 'gics' | 'worker' | 'api'): Promise<void> =>
      this.#step(`${name} ready`, () => runner.run(ownSpec(name, config, env, root)));
    const startTemporal = async (): Promise<void> => {
      if (temporal !== null) {
        const program = await findTemporal({ env, progress: (text) => reporter.progress(text), signal });
        await this.#step('temporal ready', () => runner.run(temporalSpec(program, temporal, config, env, root)));
      }
      await this.#step('namespace ready', () => prepareNamespace(config));
    };
    const hasOwnGics = config.gicsUrl.startsWith('unix:');
    const web = this.#step('dashboard ready', () => ensureWebBuild(root, signal));
    await Promise.all([web, hasOwnGics ? run('gics') : null, startTemporal()]);
    await Promise.all([run('worker'), run('api')]);
  }

  async #step(name: string, work: () => Promise<unknown>): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    const startedAt = performance.now();
    await work();
    this.#stopping.signal.throwIfAborted();
    this.#options.reporter.step(name, performance.now() - startedAt);
  }

  async #untilReady(url: string): Promise<void> {
    let toldAt = performance.now();
    for (;;) {
      const missing = await whatIsMissing(url);
      if (missing === null) return;
      await sleep(READY_POLL_MS, undefined, { signal: this.#stopping.signal });
      if (performance.now() - toldAt < READY_TELL_MS) continue;
      toldAt = performance.now();
      this.#options.reporter.progress(`not ready yet: ${missing}`);
    }
  }

  async #links({ config, instance }: Prepared): Promise<Links> {
    const { hasLink, connectGics } = this.#options;
    const links = { url: instance.url, login_url: null, temporal_ui: config.temporalUi, data: config.paths.data };
    if (!hasLink) return links;
    const gics = connectGics(config);
    try {
      return { ...links, login_url: await createLoginLink(gics, instance.url) };
    } finally {
      await gics.close();
    }
  }

  #crashLoop(part: string, line: string): void {
    const log = `${this.#prepared?.config.paths.logs}/${part}.log`;
    this.#failed.reject(new Refusal(`${part} ended five times without becoming ready; its last words: "${line}" (see ${log}).`));
  }

  /** The state file helps /ready and the next start; a full disk must not end a running instance. */
  #save(): void {
    if (this.#prepared === null) return;
    const { config, instance } = this.#prepared;
    try {
      writeInstance(config.paths.instance, instance);
    } catch (error) {
      this.#options.reporter.warn(`${config.paths.instance} cannot be written: ${sentenceOf(error)}`);
    }
  }
}

/** Out: null when everything is ready, else what is not, in words. */
async function whatIsMissing(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(5000) });
    const body: unknown = await response.json();
    if (response.ok) return null;
    const parts = Object.entries(ReadySchema.parse(body).parts).filter(([, part]) => !part.ok);
    return parts.map(([name, part]) => `${name}: ${part.detail}`).join('; ');
  } catch (error) {
    return `the API does not answer /ready (${sentenceOf(error)})`;
  }
}
