import { runStreams, type Gics, type GicsOp } from '#contract/gics.ts';
import { StreamRedactor } from '#platform/redact.ts';

const FLUSH_MS = 100;
const FLUSH_CHARS = 16_384;

export type OutputChunk = { attempt: number; redo: number; stream: string; text: string };

/**
 * What a node writes while it works, as a stream of GICS that can be followed live. Keys make a repeat harmless.
 * The end of a line that has not ended is held back until more comes, so that a secret cannot pass in two pieces.
 */
export class OutputStream {
  readonly #gics: Gics;
  readonly #name: string;
  readonly #parent: string | null;
  readonly #label: string;
  readonly #attempt: number;
  readonly #redo: number;
  readonly #redactors = new Map<string, StreamRedactor>();
  #waiting: OutputChunk[] = [];
  #chars = 0;
  #seq = 0;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #fault: unknown = null;

  /** `parent`: the stream of the node that delegated the run, which gets it too. */
  constructor(gics: Gics, place: { runId: string; node: string; attempt: number; redo: number; parent?: string | null }) {
    this.#gics = gics;
    this.#name = runStreams.output(place.runId, place.node);
    this.#parent = place.parent ?? null;
    this.#label = `${place.runId}/${place.node}`;
    this.#attempt = place.attempt;
    this.#redo = place.redo;
  }

  /** In: text as it came. */
  write(stream: string, text: string): void {
    const redactor = this.#redactors.get(stream) ?? new StreamRedactor();
    this.#redactors.set(stream, redactor);
    this.writeClean(stream, redactor.push(text));
  }

  /** In: text in which secrets are masked already. */
  writeClean(stream: string, text: string): void {
    if (text === '') return;
    const last = this.#waiting.at(-1);
    if (last?.stream === stream) last.text += text;
    else this.#waiting.push({ attempt: this.#attempt, redo: this.#redo, stream, text });
    this.#chars += text.length;
    if (this.#chars >= FLUSH_CHARS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0) return;
    const items = this.#waiting.map((chunk) => ({
      key: `${this.#attempt}.${this.#redo}.${++this.#seq}`,
      data: chunk,
    }));
    this.#waiting = [];
    this.#chars = 0;
    const ops: GicsOp[] = [{ op: 'append', stream: this.#name, items }];
    if (this.#parent !== null) ops.push({ op: 'append', stream: this.#parent, items: items.map((item) => this.#forParent(item)) });
    this.#writing = this.#writing
      .then(async () => void (await this.#gics.txn(ops)))
      .catch((error: unknown) => void (this.#fault ??= error));
  }

  #forParent({ key, data }: { key: string; data: OutputChunk }): { key: string; data: OutputChunk } {
    return { key: `${this.#label}/${key}`, data: { ...data, attempt: 1, redo: 0 } };
  }

  /** Waits: until everything written is durable. Throws: what the store threw. */
  async end(): Promise<void> {
    for (const [stream, redactor] of this.#redactors) this.writeClean(stream, redactor.end());
    this.#flush();
    await this.#writing;
    if (this.#fault !== null) throw this.#fault;
  }
}
