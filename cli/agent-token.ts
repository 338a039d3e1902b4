/** The credential of `gimo mcp`: an agent's, so that records tell what a model wrote from what a person did. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from '#contract/zod.ts';
import { writeFileAtomic } from '#platform/files.ts';
import { ApiClient } from './api-client.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';

/** Drafts are for admins; of what else is theirs the class takes all away that decides or configures. */
const TOKEN = { label: 'gimo mcp', role: 'admin', class: 'agent', expires_days: 90 } as const;
/** A server may run for days. */
const LEAST_LEFT_MS = 14 * 24 * 3_600_000;
const KeptToken = z.object({ token: z.string(), expires_at: z.string() });

/**
 * A token that was given stands for itself. Else one is made with the admin token of the data directory and kept there, once.
 * Throws: NotRunning, ApiFailure, CliFailure.
 */
export async function agentClient(session: Session): Promise<ApiClient> {
  const settings = session.settings();
  if (isGiven(settings)) return session.client({ isPatient: false });
  const file = keptIn(settings);
  const token = keptToken(file) ?? (await makeToken(session.client({ isPatient: false }), file));
  return new ApiClient({ ...settings, tokens: [{ role: null, token }] });
}

const isGiven = ({ tokens }: Settings): boolean => tokens.every(({ role }) => role === null);
const keptIn = ({ config }: Settings): string => path.join(config.paths.keys, 'mcp-token.json');

/** For whom the token is refused: which one it is. A revoked one is not made anew by itself, or revoking would stop nobody. */
export function refusedTokenHint(session: Session): string {
  const settings = session.settings();
  if (isGiven(settings))
    return `The token of GIMO_TOKEN or --token is none of the instance at ${settings.url}, was revoked or has ended. A person makes another with \`gimo tokens create\`; then this server has to be started with it.`;
  return `The token of \`gimo mcp\` was revoked or has ended. If this agent may go on, a person deletes ${keptIn(settings)}: the next call makes another.`;
}

function keptToken(file: string): string | null {
  if (!existsSync(file)) return null;
  const { data } = KeptToken.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  return data !== undefined && Date.parse(data.expires_at) > Date.now() + LEAST_LEFT_MS ? data.token : null;
}

async function makeToken(client: ApiClient, file: string): Promise<string> {
  const { token, expires_at } = (await client.call('tokens_create', { body: TOKEN })).data;
  writeFileAtomic(file, `${JSON.stringify({ token, expires_at }, null, 2)}\n`);
  return token ?? '';
}
