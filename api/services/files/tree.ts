import type { TreeEntry } from '#contract/routes/repo.ts';
import type { Core } from '../../deps.ts';
import { readFolder, type Entry } from './open-inside.ts';
import { ignoredOf, isHidden, viewRepo, visibleParts, type RepoView } from './repo-view.ts';

type TreeQuery = { path: string; limit: number; cursor?: string | undefined };
type Page = { entries: TreeEntry[]; next: string | null };

/** One folder, sorted by name. The cursor is the name after which to go on. Throws: NOT_FOUND, PATH_REFUSED, FILE_TOO_LARGE. */
export async function readTree(core: Core, query: TreeQuery, signal: AbortSignal): Promise<Page> {
  const view = await viewRepo(core, signal);
  const parts = await visibleParts(view, query.path);
  return readFolder(view.root, parts, async (all, sizeOf) => {
    const shown = await visible(view, parts, all);
    const rest = shown.filter(({ name }) => query.cursor === undefined || name > query.cursor);
    const page = rest.slice(0, query.limit);
    const entries = await Promise.all(
      page.map(async ({ name, type }) => ({
        name,
        path: [...parts, name].join('/'),
        type,
        size_bytes: type === 'file' ? await sizeOf(name) : null,
      })),
    );
    return { entries, next: rest.length > page.length ? (page.at(-1)?.name ?? null) : null };
  });
}

async function visible(view: RepoView, parts: readonly string[], all: Entry[]): Promise<Entry[]> {
  const named = all.filter(({ name }) => isPlain(name) && !isHidden(view, [...parts, name]));
  const ignored = await ignoredOf(
    view,
    named.map(({ name }) => [...parts, name].join('/')),
  );
  return named.filter(({ name }) => !ignored.has([...parts, name].join('/')));
}

/** What could not be named in a query is not listed either: control characters, bytes that are no text. */
function isPlain(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- exactly these are what no path may hold
  return !/[\u0000-\u001f\u007f\\\ufffd]/.test(name) && !/^[A-Za-z]:/.test(name);
}
