/** A gate in a terminal: all that is answered with a yes or a no. */
import { evidenceTexts } from '#contract/gate-evidence.ts';
import type { Gate } from '#contract/objects.ts';
import type { ApiClient } from './api-client.ts';
import { ApiFailure } from './failure.ts';
import { groupLines, guttered } from './guttered.ts';
import { printable, type Paint } from './terminal.ts';

export async function gateScreen(client: ApiClient, gate: Gate, paint: Paint, width: number): Promise<string[]> {
  return gateLines(gate, await titleOf(client, gate.run_id), paint, width);
}

/** Its title is only for orientation: a gate is shown without it rather than not at all. */
async function titleOf(client: ApiClient, runId: string): Promise<string | null> {
  try {
    return (await client.call('runs_get', { params: { id: runId } })).data.title;
  } catch (error) {
    if (error instanceof ApiFailure) return null;
    throw error;
  }
}

export function gateLines(gate: Gate, runTitle: string | null, paint: Paint, width: number): string[] {
  const { title, message, risk, expires_at: expiresAt } = gate;
  const until = expiresAt === null ? '' : ` · fails without an answer at ${expiresAt}`;
  return [
    paint.bold(`${printable(title)} (risk ${risk})`),
    `Asked by ${printable(gate.node)} of the run ${gate.run_id}${runTitle === null ? '' : ` (${printable(runTitle)})`}`,
    ...(message === '' ? [] : guttered(message, width, paint)),
    ...groupLines(evidenceTexts(gate), width, paint),
    `${gate.status === 'open' ? 'It is open' : `It is ${gate.status}`}${until} · hash ${gate.hash}`,
  ];
}
