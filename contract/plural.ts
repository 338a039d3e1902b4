/** In: a count and the word for one. Out: both, in the right number: `1 node`, `2 nodes`, `3 processes`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
