/**
 * Questions that were put to a person through a client. What comes back names one by an unguessable token, which is bound to
 * who was asked, to the gate and to the content that was shown, works once, and expires. Nothing a client sends is believed beyond that.
 */
import { randomUUID } from 'node:crypto';

const TTL_MS = 10 * 60_000;
const MAX_OPEN = 1000;
/** Nobody reads a question and answers it faster: what does was never shown to a person. */
const PERSON_MS = 1000;

export type Question = { gateId: string; hash: string; label: string; askedAt: number };
export type Taken = { question: Question; isTooFast: boolean };

export class Questions {
  readonly #open = new Map<string, Question>();

  /** The token of the question; the same one while it waits for its answer, so that a client that asks again shows it once. */
  ask(gate: { id: string; hash: string }, label: string): string {
    const now = Date.now();
    this.#forget(now);
    for (const [token, question] of this.#open)
      if (question.gateId === gate.id && question.hash === gate.hash && question.label === label) return token;
    const token = `q_${randomUUID()}`;
    this.#open.set(token, { gateId: gate.id, hash: gate.hash, label, askedAt: now });
    return token;
  }

  /** The gate of a question that waits for this caller, null when there is none. */
  gateOf(token: string, label: string): string | null {
    const question = this.#open.get(token);
    return question?.label === label ? question.gateId : null;
  }

  /** The question that an answer belongs to, null when there is none for this caller. It is spent, whatever the answer was. */
  take(token: unknown, label: string): Taken | null {
    const now = Date.now();
    this.#forget(now);
    const question = typeof token === 'string' ? this.#open.get(token) : undefined;
    if (question === undefined || question.label !== label) return null;
    this.#open.delete(String(token));
    return { question, isTooFast: now - question.askedAt < PERSON_MS };
  }

  #forget(now: number): void {
    for (const [token, { askedAt }] of this.#open) {
      const isFull = this.#open.size >= MAX_OPEN;
      if (!isFull && now - askedAt < TTL_MS) return; // the map is in the order of asking
      this.#open.delete(token);
    }
  }
}
