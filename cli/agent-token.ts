/** The credential of `gimo mcp`: an agent's, so that records tell what a model wrote from what a person did. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from '#contract/zod.ts';
import { writeFileAtomic } from '#platform/files.ts';
import { ApiClient } from './api-client.ts';
import type { Session } from './session.ts';

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
  const isGiven = settings.tokens.every(({ role }) => role === null);
  if (isGiven) return session.client({ isPatient: false });
  const file = path.join(settings.config.paths.keys, 'mcp-token.json');
  const token = keptToken(file) ?? (await makeToken(session.client({ isPatient: false }), file));
  return new ApiClient({ ...settings, tokens: [{ role: null, token }] });
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
