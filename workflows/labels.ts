import type { LoadedRun } from '#contract/messages.ts';
import { isClean, CLEAN, join, type Label } from '#contract/labels.ts';

type Begun = Pick<Extract<LoadedRun, { ok: true }>, 'has_labels' | 'has_lasting_labels'>;

/** Labels of the outputs of one run, by instance id. What is trusted and public is not kept. */
export class Labels {
  /** Off in runs that began before there were labels: they go on as they began. */
  readonly isOn: boolean;
  /** Off in runs that began when numbers lost their label: they go on asking as they did. */
  readonly isLasting: boolean;
  #known = new Map<string, Label>();

  constructor({ has_labels: isOn = false, has_lasting_labels: isLasting = false }: Begun) {
    this.isOn = isOn;
    this.isLasting = isOn && isLasting;
  }

  of(id: string): Label {
    return this.#known.get(id) ?? CLEAN;
  }

  /** As events tell it. */
  told(id: string): Label | null {
    return this.#known.get(id) ?? null;
  }

  /** A container gets what each of its rounds came to. */
  add(id: string, label: Label): void {
    if (this.isOn && !isClean(label)) this.#known.set(id, join(this.of(id), label));
  }

  get kept(): Record<string, Label> {
    return Object.fromEntries(this.#known);
  }

  restore(kept: Record<string, Label>): void {
    this.#known = new Map(Object.entries(kept));
  }
}
