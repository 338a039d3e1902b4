/** People with named tokens who draft and decide. */
import type { Draft, Packet, Problem } from '#contract/objects.ts';
import type { z } from '#contract/zod.ts';
import type { ROUTES } from '#contract/routes/index.ts';
import type { Role, TokenClass } from '#contract/objects.ts';
import type { Answer, TestApp } from './app.ts';
import { makeToken } from './credentials.ts';

type Approval = z.output<(typeof ROUTES.drafts_approve.responses)[200]> | z.output<(typeof ROUTES.drafts_approve.responses)[202]>;
export type Said = Answer<Approval>;

export type Person = {
  name: string;
  token: string;
  actor: string;
  drafts: (body: object) => Promise<Draft>;
  edits: (id: string, body: object) => Promise<Answer<Draft>>;
  /** Agrees to what the packet shows now, or to what is given. */
  approves: (id: string, body?: object, query?: string) => Promise<Said>;
  vetoes: (id: string, comment?: string) => Promise<Answer<Draft>>;
  post: <T = Problem>(url: string, body?: unknown) => Promise<Answer<T>>;
};

export async function packetOf(t: TestApp, id: string): Promise<Packet> {
  return (await t.get<Packet>(`/ops/drafts/${id}/packet`)).body;
}

export async function person(t: TestApp, name: string, role: Role = 'operator', tokenClass: TokenClass = 'human'): Promise<Person> {
  const { token, actor } = await makeToken(t, role, tokenClass, name);
  return holding(t, name, token, actor);
}

/** Whoever holds a token. */
export function holding(t: TestApp, name: string, token: string, actor = ''): Person {
  const post: Person['post'] = (url, body) => t.ask('POST', url, { token, body });
  return {
    name,
    token,
    actor,
    post,
    drafts: async (body) => {
      const { status, body: draft, text } = await post<Draft>('/ops/drafts', body);
      if (status !== 201) throw new Error(text);
      return draft;
    },
    edits: (id, body) => t.ask('PUT', `/ops/drafts/${id}`, { token, body }),
    approves: async (id, body, query = '') => post(`/ops/drafts/${id}/approve${query}`, body ?? { hash: (await packetOf(t, id)).hash }),
    vetoes: (id, comment = '') => post(`/ops/drafts/${id}/veto`, { comment }),
  };
}

let titles = 0;
/** A plan of medium risk with a title of its own. */
export function riskyPlan(policy: object = {}, more: object = {}): object {
  titles += 1;
  return {
    plan: { version: 1, title: `Risky ${titles}`, policy, nodes: [{ id: 'a', kind: 'process', with: { argv: ['git', 'log'] } }], ...more },
  };
}

/** A plan of low risk with a title of its own. */
export function mildPlan(policy: object = {}): object {
  titles += 1;
  return { plan: { version: 1, title: `Mild ${titles}`, policy, nodes: [{ id: 'a', kind: 'noop' }] } };
}
