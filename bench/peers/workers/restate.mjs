/** The three workloads on Restate. One run is one handler; each step is a `ctx.run`, on disk before it is acknowledged. */
import * as restate from '@restatedev/restate-sdk';
import { inWaves, serve, step } from './serve.mjs';

const { PORT, INGRESS, ADMIN } = process.env;
/** Told by a step that its run will now wait for an answer. */
const waiting = new Map();

const work = restate.workflow({
  name: 'steps',
  handlers: {
    run: async (ctx, { shape, count, width }) => {
      if (shape === 'chain') for (let n = 0; n < count; n++) await ctx.run(`s${n}`, () => step(n));
      if (shape === 'fanOut')
        for (let from = 0; from < count; from += width)
          await restate.RestatePromise.all(Array.from({ length: width }, (_, n) => ctx.run(`s${from + n}`, () => step(from + n))));
      if (shape === 'gated') {
        for (let n = 0; n < count / 2; n++) await ctx.run(`s${n}`, () => step(n));
        waiting.get(ctx.key)?.();
        await ctx.promise('answer');
        for (let n = count / 2; n < count; n++) await ctx.run(`s${n}`, () => step(n));
      }
      return count;
    },
    answer: async (ctx) => ctx.promise('answer').resolve(true),
  },
});

async function ask(method, url, body) {
  const response = await fetch(url, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text;
}

const run = (id, input) => ask('POST', `${INGRESS}/steps/${id}/run`, input);

async function gatedRun() {
  const id = crypto.randomUUID();
  const isWaiting = new Promise((tell) => waiting.set(id, tell));
  const ended = run(id, { shape: 'gated', count: 4 });
  await isWaiting;
  waiting.delete(id);
  await ask('POST', `${INGRESS}/steps/${id}/answer`, {});
  await ended;
}

await restate.serve({ services: [work], port: Number(PORT) });
await ask('POST', `${ADMIN}/deployments`, { uri: `http://127.0.0.1:${PORT}`, force: true });

serve({
  chain: (count) => run(crypto.randomUUID(), { shape: 'chain', count }),
  fanOut: (count, width) => run(crypto.randomUUID(), { shape: 'fanOut', count, width }),
  gates: (runs) => inWaves(runs, runs, gatedRun),
  begin: (id, count) => ask('POST', `${INGRESS}/steps/${id}/run/send`, { shape: 'chain', count }),
  end: (id) => ask('GET', `${INGRESS}/restate/workflow/steps/${id}/attach`),
});
