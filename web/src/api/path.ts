/** Fills `{name}` in a path of the route table and adds the query. Throws when a parameter is missing: a fault of the caller. */
export function buildPath(template: string, params: Record<string, unknown> = {}, query: Record<string, unknown> = {}): string {
  const path = template.replaceAll(/\{([^}]+)\}/g, (_whole, name: string) => {
    const value = params[name];
    if (typeof value !== 'string' || value === '') throw new Error(`the path ${template} needs the parameter ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === 'string' || typeof value === 'number') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The cursor of `Link: <…?cursor=x>; rel="next"`, null at the end of the list. */
export function nextCursor(link: string | null): string | null {
  for (const part of (link ?? '').split(/,\s*(?=<)/)) {
    const match = /^<([^>]*)>(.*)$/.exec(part.trim());
    if (match?.[1] !== undefined && /;\s*rel="?next"?/.test(match[2] ?? '')) {
      return new URL(match[1], 'http://localhost').searchParams.get('cursor');
    }
  }
  return null;
}
