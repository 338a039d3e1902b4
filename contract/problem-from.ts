/** What an answer of the API that is no success says, also when it is no problem document: `/ready` names the parts that are down. */
import { ProblemSchema, type Problem } from './objects.ts';

const SHOWN_CHARS = 2000;

export function problemFrom(status: number, body: unknown): Problem {
  const parsed = ProblemSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const title = `The answer had status ${status}.`;
  const said = body === null || body === undefined || body === '' ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const detail = said === '' ? title : `The answer had status ${status}: ${said.slice(0, SHOWN_CHARS)}`;
  const hint = 'gimo doctor says what is wrong; the log of the API says more.';
  return { type: 'about:blank', title, status, detail, code: `HTTP_${status}`, hint, correlation_id: '' };
}
