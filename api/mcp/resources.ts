/** Resources and their rule: each request reads the API, and none of them shows a draft. */
import { ProtocolError, ProtocolErrorCode, ResourceTemplate, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { Refusal, refusalText, type Backend, type BackendAnswer } from './backend.ts';
import { isRunnable, kindOfId } from './views.ts';

const JSON_TYPE = 'application/json';

type Read = (backend: Backend, id: string) => Promise<unknown>;
type Source = { name: string; uri: string; title: string; description: string; read: Read };

const bodyOf = async (answer: Promise<BackendAnswer>): Promise<unknown> => (await answer).data;

/** All pages: approved artifacts that a run could be started from now. */
async function pendingApprovals(backend: Backend): Promise<unknown> {
  const pending: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: Record<string, string> = { limit: '200', ...(cursor === '' ? {} : { cursor }) };
    const { data, next } = await backend.call('approved_list', { query });
    pending.push(...data.filter((approved) => isRunnable(approved)));
    cursor = next;
  }
  return pending;
}

export const RESOURCES: Source[] = [
  {
    name: 'plan',
    uri: 'ops://plan',
    title: 'Active plan',
    description: 'The active plan with its tasks',
    read: (backend) => bodyOf(backend.call('plan_get')),
  },
  {
    name: 'approved',
    uri: 'ops://approved',
    title: 'Approved plans that wait for execution',
    description: 'Approved, not expired, not revoked, with runs left',
    read: pendingApprovals,
  },
  {
    name: 'plan-format',
    uri: 'ops://plan-format',
    title: 'How a plan is written',
    description: 'Fields of a plan and of its nodes, the kinds of nodes with an example each, expressions',
    read: (backend) => bodyOf(backend.call('plan_format')),
  },
  {
    name: 'context',
    uri: 'ops://context',
    title: 'Repository, state, allowlist, example plans',
    description: 'The active repository, whether everything works, what is allowed, and whole plans as examples (long)',
    read: (backend) => bodyOf(backend.call('ui_status')),
  },
];

export const RESOURCE_TEMPLATES: Source[] = [
  {
    name: 'approved-item',
    uri: 'ops://approved/{id}',
    title: 'One approved plan',
    description: 'An approved artifact (a_…) with its signed decision; never a draft',
    read: (backend, id) => bodyOf(backend.call('approved_get', { params: { id: requireKind(id, 'approved') } })),
  },
  {
    name: 'run',
    uri: 'ops://runs/{id}',
    title: 'One run',
    description: 'A run (r_…) with outputs, receipt and the end of its log',
    read: (backend, id) => bodyOf(backend.call('runs_get', { params: { id: requireKind(id, 'run') } })),
  },
];

/** Throws: an error that says that a draft is none of them. */
export function requireKind(id: string, kind: 'approved' | 'run'): string {
  const found = kindOfId(id);
  if (found === kind) return id;
  const what = kind === 'approved' ? 'an approved artifact (a_…)' : 'a run (r_…)';
  const message =
    found === 'draft'
      ? `${id} is a draft. Drafts are not shown here: a person approves it first.`
      : `${id.slice(0, 100)} is not the id of ${what}.`;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

/** Failures of the API as errors of the protocol: resources and prompts have no other. */
export async function orProtocolError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const isOurs = error.problem.status >= 500;
    throw new ProtocolError(isOurs ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams, refusalText(error.problem));
  }
}

export function addResources(server: McpServer, backendOf: (ctx: ServerContext) => Backend): void {
  const answer = async (source: Source, uri: URL, id: string, ctx: ServerContext) => {
    const body = await orProtocolError(() => source.read(backendOf(ctx), id));
    return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text: JSON.stringify(body) }] };
  };
  for (const source of RESOURCES) {
    const { name, uri, title, description } = source;
    server.registerResource(name, uri, { title, description, mimeType: JSON_TYPE }, (url, ctx) => answer(source, url, '', ctx));
  }
  for (const source of RESOURCE_TEMPLATES) {
    const { name, uri, title, description } = source;
    const template = new ResourceTemplate(uri, { list: undefined });
    server.registerResource(name, template, { title, description, mimeType: JSON_TYPE }, (url, { id }, ctx) =>
      answer(source, url, String(id), ctx),
    );
  }
}
