/** A model that does what its task says: the script stands in the prompt, so that each test has its own and none needs to know of others. */
import { openSse, PROTOCOLS, sendEvent, sendJson, startTestServer, type TestServer } from '#activities/providers/test-server.ts';
import type { Json } from '#contract/json.ts';

/** `say`: `$RESULTS` becomes what the tools returned. `does`: once, before it answers as it should; `hang` for as long as `isHanging`. */
export type ScriptedTurn = {
  say?: string;
  calls?: [name: string, given: object | string][];
  does?: 'cut' | 'hang' | 'refuse';
  finish?: 'length';
};
export type ScriptedModel = {
  server: TestServer;
  /** The requests of one script. */
  asked: (title: string) => SentRequest[];
  /** A model that is never silent again. */
  letGo: () => void;
};
export type SentRequest = {
  messages: SentMessage[];
  tools?: { function: { name: string } }[];
  tool_choice?: string;
  response_format?: object;
};
type SentMessage = { role: string; content: string | null; tool_calls?: { function: { name: string; arguments: string } }[] };

const MARK = 'SCRIPT ';

/** The last turn is repeated for ever. */
export function scripted(title: string, ...turns: ScriptedTurn[]): string {
  // Without a character that a plan could take for the mark of an expression.
  return `${MARK}${Buffer.from(JSON.stringify({ title, turns })).toString('base64')}`;
}

function scriptOf({ messages }: SentRequest): { title: string; turns: ScriptedTurn[] } {
  const task = messages.find(({ role, content }) => role === 'user' && content?.startsWith(MARK))?.content;
  if (!task) return { title: '', turns: [] };
  return JSON.parse(Buffer.from(task.slice(MARK.length), 'base64').toString()) as { title: string; turns: ScriptedTurn[] };
}

export async function startScriptedModel(): Promise<ScriptedModel> {
  const done = new Set<string>();
  let isHanging = true;
  const server = await startTestServer((response, body) => {
    const request = JSON.parse(body) as SentRequest;
    const { title, turns } = scriptOf(request);
    const at = request.messages.filter(({ role }) => role === 'assistant').length;
    const turn = turns[Math.min(at, turns.length - 1)] ?? { say: 'nothing to do' };
    const key = `${title} ${at}`;
    const isFirst = turn.does !== undefined && !done.has(key);
    if (turn.does !== 'hang') done.add(key);
    if (isFirst && turn.does === 'refuse') return sendJson(response, 401, { error: { message: 'no' } });
    openSse(response);
    if (turn.does === 'hang' && isHanging) return sendEvent(response, PROTOCOLS.openai.text('I '));
    if (isFirst && turn.does === 'cut') {
      sendEvent(response, PROTOCOLS.openai.text('half'));
      response.end();
      return;
    }
    const results = request.messages.flatMap(({ role, content }) => (role === 'tool' ? [content] : []));
    const said = (turn.say ?? '').replaceAll('$RESULTS', JSON.stringify(results));
    const calls = (turn.calls ?? []).map(([name, given], index) =>
      callChunk(index, name, typeof given === 'string' ? given : JSON.stringify(given)),
    );
    const text = said === '' ? [] : [PROTOCOLS.openai.text(said)];
    for (const event of [...text, ...calls, PROTOCOLS.openai.finish(turn.finish ?? (calls.length > 0 ? 'tool_calls' : 'stop'))])
      sendEvent(response, event);
    response.end('data: [DONE]\n\n');
  });
  const requests = (): SentRequest[] => server.bodies.map((body) => JSON.parse(body) as SentRequest);
  return {
    server,
    asked: (title) => requests().filter((request) => scriptOf(request).title === title),
    letGo: () => void (isHanging = false),
  };
}

/** The event of one whole call. */
export function callChunk(index: number, name: string, given: string): Json {
  const call = { index, id: `x${index}`, type: 'function', function: { name, arguments: given } };
  const choice = { index: 0, delta: { tool_calls: [call] }, finish_reason: null };
  return { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] };
}
