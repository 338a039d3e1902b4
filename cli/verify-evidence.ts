/** The audit log against the evidence beside it: what an entry says was decided is there, and nothing is there that no entry tells of. */
import type { Collection, Gics } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import type { Check } from './verify-log.ts';

/** What an entry names, by the field of its detail, and where that lies. */
const NAMED = { decision_id: 'decisions', approved_id: 'approved' } as const satisfies Record<string, Collection>;
type Field = keyof typeof NAMED;
const FIELDS = Object.keys(NAMED) as Field[];
const WHAT: Record<Field, string> = { decision_id: 'decision', approved_id: 'approved artifact' };

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Ids in the log, each with the entry that names it first, and ids in the store. */
export class Evidence {
  readonly #logged: Record<Field, Map<string, number>> = { decision_id: new Map(), approved_id: new Map() };
  readonly #stored: Record<Field, Set<string>> = { decision_id: new Set(), approved_id: new Set() };

  /** In: the data of an entry. What was refused names what it was about, and changed nothing. */
  entry(offset: number, data: Json): void {
    if (!isObject(data) || data['outcome'] !== 'done' || !isObject(data['detail'])) return;
    for (const field of FIELDS) {
      const id = data['detail'][field];
      if (typeof id === 'string' && !this.#logged[field].has(id)) this.#logged[field].set(id, offset);
    }
  }

  record(collection: Collection, id: string): void {
    for (const field of FIELDS) if (NAMED[field] === collection) this.#stored[field].add(id);
  }

  /**
   * The records are to be read before the log, so that what is written meanwhile has its entry; what an entry names and was not there then
   * is looked for again. Throws: GICS_UNAVAILABLE.
   */
  async check(gics: Pick<Gics, 'get'>): Promise<Check> {
    let count = 0;
    const bad = (text: string): Check => ({ name: 'log and store', ok: false, count, bad: text });
    for (const field of FIELDS) {
      for (const [id, offset] of this.#logged[field]) {
        count += 1;
        if (!this.#stored[field].has(id) && (await gics.get(NAMED[field], id)) === null)
          return bad(`entry ${offset} of the audit log tells of the ${WHAT[field]} ${id}, which is not in the store`);
      }
      const untold = [...this.#stored[field]].find((id) => !this.#logged[field].has(id));
      if (untold !== undefined) return bad(`no entry of the audit log tells of the ${WHAT[field]} ${untold}`);
    }
    return { name: 'log and store', ok: true, count, bad: null };
  }
}
