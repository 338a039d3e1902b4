import { z } from '../zod.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

const Path = z.string().min(1).max(1000);
const Allowlist = z.object({ paths: z.array(z.string()) });
const Repo = z.object({
  path: z.string(),
  name: z.string(),
  branch: z.string().nullable(),
  commit: z.string().nullable(),
  is_dirty: z.boolean(),
  is_active: z.boolean(),
  /** Why it cannot be used now; null when it can. */
  fault: z.string().nullable(),
});
const PART = z.enum(['api', 'worker', 'gics', 'temporal']);
const Part = z.object({
  name: z.string(),
  state: z.string(),
  pid: z.int().nullable(),
  restarts: z.int(),
  since: z.string(),
  last_exit: z.string().nullable(),
});

export const instanceRoutes = {
  allowlist_get: route({
    method: 'GET',
    path: '/ui/allowlist',
    summary: 'The repositories that may be selected',
    role: 'actions',
    classes: BOTH,
    responses: { 200: Allowlist },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
  allowlist_put: route({
    method: 'PUT',
    path: '/ui/allowlist',
    summary: 'Say which repositories may be selected; the active one must stay',
    role: 'admin',
    classes: HUMANS,
    body: z.strictObject({ paths: z.array(Path).min(1).max(100) }),
    responses: { 200: Allowlist },
    errors: [...COMMON_ERRORS, 'REPO_REFUSED', 'CONFLICT'],
    forIntegrations: false,
  }),
  repos_list: route({
    method: 'GET',
    path: '/ui/repos',
    summary: 'The repositories that may be selected, and how they are',
    role: 'actions',
    classes: BOTH,
    responses: { 200: z.array(Repo) },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
  repos_select: route({
    method: 'POST',
    path: '/ui/repos/select',
    summary: 'Work on another repository of the allowlist; what was approved keeps its own',
    role: 'admin',
    classes: HUMANS,
    body: z.strictObject({ path: Path }),
    responses: { 200: Repo },
    errors: [...COMMON_ERRORS, 'REPO_NOT_ALLOWED', 'REPO_REFUSED', 'CONFLICT'],
    forIntegrations: false,
  }),
  service_status: route({
    method: 'GET',
    path: '/ui/service/status',
    summary: 'The parts that `npm start` runs: state, process, restarts',
    role: 'operator',
    classes: BOTH,
    responses: { 200: z.object({ supervised: z.boolean(), parts: z.array(Part) }) },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
  service_restart: route({
    method: 'POST',
    path: '/ui/service/restart',
    summary: 'Start a part again: it is told to end, and the supervisor brings it back',
    role: 'admin',
    classes: HUMANS,
    body: z.strictObject({ part: PART }),
    responses: { 202: z.object({ part: z.string(), pid: z.int() }) },
    errors: [...COMMON_ERRORS, 'NOT_SUPERVISED'],
    forIntegrations: false,
  }),
} as const;
