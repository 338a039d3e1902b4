/** A yes from a command is given to what that command has shown: it asks the person at the terminal, or wants the hash of what was shown before. */
import { ERRORS } from '#contract/error-table.ts';
import { isJsonObject } from '#contract/json.ts';
import type { RouteId } from '#contract/routes/index.ts';
import { asText } from '#contract/template.ts';
import type { ApiClient, CallInput } from './api-client.ts';
import { ApiFailure } from './failure.ts';
import { gateScreen } from './gate-view.ts';
import { packetScreen } from './packet-view.ts';
import { isYes, printable, type Terminal } from './terminal.ts';

type Shown = { lines: string[]; hash: string };
type Subject = { name: string; reader: string; show: (client: ApiClient, id: string, terminal: Terminal) => Promise<Shown> };

const SUBJECTS: Partial<Record<RouteId, Subject>> = {
  drafts_approve: { name: 'drafts', reader: 'packet', show: showDraft },
  gates_approve: { name: 'gates', reader: 'get', show: showGate },
};

async function showDraft(client: ApiClient, id: string, { notePaint, width }: Terminal): Promise<Shown> {
  const { data: packet } = await client.call('drafts_packet', { params: { id } });
  return { lines: await packetScreen(client, packet, notePaint, width), hash: packet.hash };
}

async function showGate(client: ApiClient, id: string, { notePaint, width }: Terminal): Promise<Shown> {
  const { data: gate } = await client.call('gates_get', { params: { id } });
  return { lines: await gateScreen(client, gate, notePaint, width), hash: gate.hash };
}

/** Out: the call with the hash of what was shown; null when the person did not say yes. Throws: HASH_REQUIRED where nobody can be asked. */
export async function shownFirst(client: ApiClient, terminal: Terminal, id: RouteId, input: CallInput): Promise<CallInput | null> {
  const subject = SUBJECTS[id];
  const body = isJsonObject(input.body) ? input.body : {};
  if (subject === undefined || body['hash'] !== undefined) return input;
  const objectId = input.params?.['id'] ?? '';
  if (!terminal.canAsk) throw hashRequired(subject, objectId);
  const { lines, hash } = await subject.show(client, objectId, terminal);
  for (const line of [...lines, ...boundLines(body['inputs']), '']) terminal.note(line);
  if (isYes(await terminal.ask('Approve? [y/N] '))) return { ...input, body: { ...body, hash } };
  terminal.note('Not approved.');
  return null;
}

function boundLines(inputs: unknown): string[] {
  if (!isJsonObject(inputs)) return [];
  return Object.entries(inputs).map(([name, value]) => `You bind: ${printable(name)} = ${printable(asText(value))}`);
}

/** Of whatever risk: without a terminal nothing says that anybody has seen it. */
function hashRequired({ name, reader }: Subject, id: string): ApiFailure {
  const { status, sentence } = ERRORS.HASH_REQUIRED;
  return new ApiFailure({
    type: 'about:blank',
    title: sentence,
    status,
    code: 'HASH_REQUIRED',
    detail: 'Nobody can be shown here what is approved, so the hash of what was shown has to be given.',
    hint: `\`gimo ${name} ${reader} ${id}\` shows it and its hash; then \`gimo ${name} approve ${id} --hash HASH\`.`,
    correlation_id: '',
  });
}
