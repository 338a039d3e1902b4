/** In: the path of a page. Out: the command that opens that page signed in, on the machine where GIMO runs. */
export function openCommand(pathname: string): string {
  const id = /\/([dar]_[0-9A-HJKMNP-TV-Z]{26})(?:\/|$)/.exec(pathname)?.[1];
  return `npx gimo open${id === undefined ? '' : ` ${id}`}`;
}
