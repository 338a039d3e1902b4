/** The environment, read once into one typed object. Nothing else in the project reads `process.env`, but the resolver of provider keys. */
import path from 'node:path';
import { errorMessage } from '#contract/errors.ts';
import { DEFAULT_LIMITS, parseLimits, type Limits } from '#contract/limits.ts';
import { z } from '#contract/zod.ts';
import { dataPaths, type DataPaths } from './paths.ts';

const port = z.coerce.number().int().min(1).max(65_535);
const flag = z
  .enum(['0', '1', 'true', 'false', ''])
  .transform((value) => value === '1' || value === 'true')
  .default(false);

function limitsOf(text: string, context: z.RefinementCtx): Limits {
  try {
    return parseLimits(text);
  } catch (error) {
    context.addIssue(errorMessage(error));
    return z.NEVER;
  }
}

/** Names that GIMO reads. Part of the interface: a test pins them. */
export const EnvSchema = z.object({
  GIMO_PORT: port.default(9325),
  GIMO_HOST: z.string().min(1).default('127.0.0.1'),
  GIMO_DATA_DIR: z.string().min(1).default('.orch_data'),
  GIMO_REPO: z.string().min(1).optional(),
  GIMO_TEMPORAL_ADDRESS: z.string().min(1).optional(),
  GIMO_TEMPORAL_NAMESPACE: z.string().min(1).default('gimo'),
  GIMO_TEMPORAL_UI: z.string().min(1).optional(),
  GIMO_TEMPORAL_UI_PORT: port.optional(),
  GIMO_TEMPORAL_SYNC: z.enum(['full', 'normal']).default('full'),
  /** Set by `npm start` for the API, which serves the embedded Temporal Web at GIMO_TEMPORAL_UI behind its sign-in. */
  GIMO_TEMPORAL_UI_UPSTREAM: z.url().optional(),
  GIMO_GICS_URL: z.string().min(1).optional(),
  GIMO_GICS_TOKEN: z.string().min(16).optional(),
  GIMO_CHECKPOINT_DIR: z.string().min(1).optional(),
  GIMO_CORS_ORIGINS: z.string().default(''),
  GIMO_DEV: flag,
  GIMO_UNFENCED: flag,
  GIMO_ENCRYPT_PAYLOADS: z.enum(['0', '1']).default('1'),
  GIMO_SHORT_EFFECTS: z.enum(['0', '1']).default('1'),
  GIMO_STANDBY: z.enum(['0', '1']).default('1'),
  GIMO_SEGMENT_EVENTS: z.coerce.number().int().min(20).max(40_000).default(10_000),
  GIMO_LIMITS: z
    .string()
    .transform(limitsOf)
    .default({ ...DEFAULT_LIMITS }),
  GIMO_MCP_IDLE_S: z.coerce.number().int().min(1).max(86_400).default(1800),
  GIMO_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  GIMO_FAILPOINTS: z.string().default(''),
  /** Set by `npm start` for its parts: they end when their stdin closes. */
  GIMO_SUPERVISED: flag,
  ORCH_OPS_RUN_TTL: z.coerce
    .number()
    .int()
    .min(60)
    .default(7 * 24 * 3600),
  ORCH_ADMIN_TOKEN: z.string().min(16).optional(),
  ORCH_OPERATOR_TOKEN: z.string().min(16).optional(),
  ORCH_ACTIONS_TOKEN: z.string().min(16).optional(),
});

export type Config = {
  port: number;
  host: string;
  paths: DataPaths;
  /** The repository that plans work on unless another is selected. */
  repo: string;
  /** host:port of Temporal's frontend. */
  temporalAddress: string | null;
  temporalNamespace: string;
  /** Base URL of Temporal Web, null when not known. */
  temporalUi: string | null;
  /** Where the embedded Temporal Web really listens, null when it is not ours. */
  temporalUiUpstream: string | null;
  /** Port for the embedded Temporal Web, null for any free one. */
  temporalUiPort: number | null;
  temporalSync: 'full' | 'normal';
  /** `unix:<path>` or `tcp://host:port`. */
  gicsUrl: string;
  gicsToken: string | null;
  /** A second place for the checkpoints of the audit log, better on another disk or machine; null for none. */
  checkpointDir: string | null;
  corsOrigins: string[];
  isDev: boolean;
  isUnfenced: boolean;
  /** Whether effects that touch nothing outside share workflow tasks (workflows/short-effects.ts). */
  hasShortEffects: boolean;
  /** Whether a second process of worker and API stands by (supervisor/standby.ts). */
  hasStandby: boolean;
  /** Whether Temporal gets payloads encrypted. */
  hasEncryptedPayloads: boolean;
  /** How long the history of one workflow gets before its run goes on in another (workflows/hand-on.ts). */
  segmentEvents: number;
  limits: Limits;
  /** After so long without a request a session of an earlier era of MCP ends (api/mcp/sessions.ts). */
  mcpIdleMs: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  failpoints: string[];
  runTtlS: number;
  tokens: { admin: string | null; operator: string | null; actions: string | null };
};

/** In: the environment. Out: the typed configuration. Throws: a sentence that names each wrong variable. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const parsed = EnvSchema.safeParse(env);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new Error(`The environment is not valid. ${wrong}`);
  }
  const value = parsed.data;
  const paths = dataPaths(value.GIMO_DATA_DIR);
  const list = (text: string): string[] =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return {
    port: value.GIMO_PORT,
    host: value.GIMO_HOST,
    paths,
    repo: path.resolve(value.GIMO_REPO ?? '.'),
    temporalAddress: value.GIMO_TEMPORAL_ADDRESS ?? null,
    temporalNamespace: value.GIMO_TEMPORAL_NAMESPACE,
    temporalUi: value.GIMO_TEMPORAL_UI ?? null,
    temporalUiUpstream: value.GIMO_TEMPORAL_UI_UPSTREAM ?? null,
    temporalUiPort: value.GIMO_TEMPORAL_UI_PORT ?? null,
    temporalSync: value.GIMO_TEMPORAL_SYNC,
    gicsUrl: value.GIMO_GICS_URL ?? `unix:${paths.gicsSocket}`,
    gicsToken: value.GIMO_GICS_TOKEN ?? null,
    checkpointDir: value.GIMO_CHECKPOINT_DIR === undefined ? null : path.resolve(value.GIMO_CHECKPOINT_DIR),
    corsOrigins: list(value.GIMO_CORS_ORIGINS),
    isDev: value.GIMO_DEV,
    isUnfenced: value.GIMO_UNFENCED,
    hasShortEffects: value.GIMO_SHORT_EFFECTS === '1',
    hasStandby: value.GIMO_STANDBY === '1',
    hasEncryptedPayloads: value.GIMO_ENCRYPT_PAYLOADS === '1',
    segmentEvents: value.GIMO_SEGMENT_EVENTS,
    limits: value.GIMO_LIMITS,
    mcpIdleMs: value.GIMO_MCP_IDLE_S * 1000,
    logLevel: value.GIMO_LOG_LEVEL,
    failpoints: list(value.GIMO_FAILPOINTS),
    runTtlS: value.ORCH_OPS_RUN_TTL,
    tokens: {
      admin: value.ORCH_ADMIN_TOKEN ?? null,
      operator: value.ORCH_OPERATOR_TOKEN ?? null,
      actions: value.ORCH_ACTIONS_TOKEN ?? null,
    },
  };
}

/** Whether this process is a part that `npm start` runs. */
export function isSupervised(): boolean {
  return process.env['GIMO_SUPERVISED'] === '1';
}
