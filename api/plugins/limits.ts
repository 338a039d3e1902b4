/** How often one credential may call, by what the route does. Each process of the API counts for itself. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GimoError } from '#contract/errors.ts';
import { LIMIT_WINDOW_MS, type Limits } from '#contract/limits.ts';
import type { Route } from '#contract/routes/route.ts';

type Limited = Pick<Route, 'method' | 'isStop' | 'isCostly'>;
type LimitClass = 'read' | 'write' | 'costly' | 'stop';
/** Throws: RATE_LIMITED with the seconds to wait. */
export type Limiter = (request: FastifyRequest, row: Limited) => Promise<void>;

export function limitClassOf(row: Limited): LimitClass {
  if (row.isStop === true) return 'stop';
  if (row.isCostly === true) return 'costly';
  return row.method === 'GET' ? 'read' : 'write';
}

export function createLimiter(app: FastifyInstance, limits: Limits): Limiter {
  const bucket = (name: LimitClass) =>
    app.createRateLimit({ max: limits[name], timeWindow: LIMIT_WINDOW_MS, keyGenerator: ({ actor }) => actor?.label ?? '' });
  const buckets = { read: bucket('read'), write: bucket('write'), costly: bucket('costly'), stop: bucket('stop') };
  return async (request, row) => {
    const name = limitClassOf(row);
    const state = await buckets[name](request);
    if (state.isAllowed || !state.isExceeded) return;
    throw new GimoError('RATE_LIMITED', {
      message: `This credential has used up its ${limits[name]} calls of the kind \`${name}\` for this minute.`,
      data: { retry_after_s: Math.max(1, state.ttlInSeconds) },
    });
  };
}
