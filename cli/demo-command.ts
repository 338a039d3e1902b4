/** `gimo demo`: the main job in one command, on the repository at hand, with an instance of its own when none runs. */
import path from 'node:path';
import type { Command } from 'commander';
import type { Run } from '#contract/objects.ts';
import { ApiClient } from './api-client.ts';
import { bringUp, type OwnStack } from './demo-stack.ts';
import { readDocument } from './documents.ts';
import { EXIT } from './failure.ts';
import { runPlan } from './run-plan.ts';
import { runUrl, summaryLines, wallMs } from './run-summary.ts';
import type { Session } from './session.ts';
import { readSettings } from './settings.ts';

export type DemoOptions = { yes?: boolean; port?: string; repo?: string; stop?: boolean };

const PLAN = path.join(import.meta.dirname, '..', 'examples', 'repo-health.yaml');

export function addDemoCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('demo')
    .description('Measure the repository at hand and write a report on a branch: starts GIMO if it does not run, asks before it acts')
    .option('-y, --yes', 'approve the plan and answer its gate with yes')
    .option('--port <number>', 'port of the dashboard and the API (GIMO_PORT, default 9325)')
    .option('--repo <dir>', 'repository to work on (GIMO_REPO, default the current directory)')
    .option('--stop', 'stop at the end what this command started')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run demo\n  npm run demo -- --yes\n  gimo demo --repo ../service --data /tmp/gimo-demo --port 9400 --yes --stop --json',
    );
  command.action(async (options: DemoOptions) => {
    const session = makeSession(command);
    const stack = await bringUp(session, options);
    try {
      await runDemo(session, stack, options);
    } finally {
      await leave(session, stack, options);
    }
  });
}

async function runDemo(session: Session, stack: OwnStack, options: DemoOptions): Promise<void> {
  const { terminal } = session;
  const client = new ApiClient({ url: stack.url, tokens: readSettings({ ...session.options, url: stack.url }, stack.env).tokens });
  terminal.note('');
  const { run, draft, packet, isWanted } = await runPlan({
    client,
    terminal,
    plan: readDocument(PLAN),
    inputs: {},
    isApproved: options.yes === true,
    gates: options.yes === true ? 'yes' : terminal.canAsk ? 'ask' : 'leave',
    follows: true,
  });
  if (run === null) {
    if (!isWanted) process.exitCode = EXIT.refused;
    return session.result({ draft_id: draft.id, hash: packet.hash, run: null }, () => []);
  }
  session.result(demoJson(run, client.url), () => summaryLines(run, client.url, terminal.paint));
  if (run.status !== 'done') process.exitCode = EXIT.failed;
}

function demoJson(run: Run, url: string): object {
  return {
    run_id: run.id,
    approved_id: run.approved_id,
    status: run.status,
    branch: run.branch,
    commit: run.commit,
    nodes: run.nodes,
    wall_ms: wallMs(run),
    cost_usd: run.cost_usd,
    error: run.error,
    links: { run: runUrl(url, run.id), temporal: run.temporal_url },
    next: run.branch === null ? null : `git show ${run.branch}`,
  };
}

/** What this command started stays up for a person who can press Ctrl-C, and stops in every other case. */
async function leave(session: Session, stack: OwnStack, options: DemoOptions): Promise<void> {
  if (stack.child === null) return;
  if (options.stop === true || !session.terminal.canAsk) {
    session.terminal.note('\nStopping GIMO again; npm start brings the dashboard back.');
    return stack.child.stop();
  }
  session.terminal.note('\nGIMO stays up. Ctrl-C stops GIMO.');
  const { child } = stack;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void child.stop());
  await child.ended;
}
