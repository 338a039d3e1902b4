/** One at a time for each key, within this process. Other workers are kept away by the interpreter, which serialises writers. */
const tails = new Map<string, Promise<unknown>>();

export async function exclusively<T>(key: string, action: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const mine = before.then(action, action);
  const tail = mine.catch(() => undefined);
  tails.set(key, tail);
  try {
    return await mine;
  } finally {
    if (tails.get(key) === tail) tails.delete(key);
  }
}
