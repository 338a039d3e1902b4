/** Commands around runs that are more than one call: run, watch, logs. */
import { Option, type Command } from 'commander';
import type { Run } from '#contract/objects.ts';
import { PRIORITIES, type Priority } from '#contract/priority.ts';
import { isRunEnded } from '#contract/run-state.ts';
import type { ApiClient } from './api-client.ts';
import { parsePairs, readDocument } from './documents.ts';
import { EXIT } from './failure.ts';
import { followRun } from './follow-run.ts';
import { logLine } from './log-line.ts';
import { collect } from './route-commands.ts';
import { runPlan } from './run-plan.ts';
import { summaryLines } from './run-summary.ts';
import type { Session } from './session.ts';
import { printStream } from './stream-output.ts';

type MakeSession = (command: Command) => Session;
type RunOptions = { approve?: boolean; yes?: boolean; input?: string[]; priority?: Priority; follow: boolean };

export function addRunCommands(program: Command, makeSession: MakeSession): void {
  addRun(program, makeSession);
  addWatch(program, makeSession);
  addLogs(program, makeSession);
}

function addRun(program: Command, makeSession: MakeSession): void {
  const command = program
    .command('run <plan>')
    .description('Draft a plan, show its packet, ask, run it and follow it (- reads stdin)')
    .option('--approve', 'approve what the packet shows without asking')
    .option('-y, --yes', 'as --approve, and answer the gates of the run with yes')
    .option('-i, --input <name=value>', 'value of an input that the plan declares; may be repeated', collect)
    .addOption(new Option('--priority <priority>', 'share of the workers that its runs get').choices(PRIORITIES))
    .option('--no-follow', 'start and return')
    .addHelpText(
      'after',
      `
Examples:
  gimo run examples/repo-health.yaml
  gimo run examples/mass-edit.yaml --approve --input pattern='*.ts' --input limit=5
  gimo run plan.json --yes --json`,
    );
  command.action(async (file: string, options: RunOptions) => {
    const session = makeSession(command);
    const { terminal } = session;
    const client = session.client();
    const result = await runPlan({
      client,
      terminal,
      plan: readDocument(file),
      inputs: parsePairs(options.input ?? [], '--input'),
      ...(options.priority === undefined ? {} : { priority: options.priority }),
      isApproved: options.approve === true || options.yes === true,
      gates: options.yes === true ? 'yes' : terminal.canAsk ? 'ask' : 'leave',
      follows: options.follow,
    });
    const { run, draft, packet, approved } = result;
    const json = { draft_id: draft.id, hash: packet.hash, approved_id: approved?.id ?? null, run };
    session.result(json, () => (run === null ? [draft.id] : options.follow ? summaryLines(run, client.url, terminal.paint) : [run.id]));
    if (!result.isWanted) process.exitCode = EXIT.refused;
    if (run !== null) setExitCode(run);
  });
}

function setExitCode(run: Run): void {
  if (isRunEnded(run.status) && run.status !== 'done') process.exitCode = EXIT.failed;
}

function addWatch(program: Command, makeSession: MakeSession): void {
  const command = program
    .command('watch <run>')
    .description('Show the live progress of a run and ask its gates; Ctrl-C detaches')
    .option('-y, --yes', 'answer the gates of the run with yes')
    .addHelpText('after', '\nExample:\n  gimo watch r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H');
  command.action(async (runId: string, options: { yes?: boolean }) => {
    const session = makeSession(command);
    const { terminal } = session;
    const client = session.client();
    const run = await followRun({ client, terminal, runId, gates: options.yes === true ? 'yes' : terminal.canAsk ? 'ask' : 'leave' });
    session.result(run, () => summaryLines(run, client.url, terminal.paint));
    setExitCode(run);
  });
}

function addLogs(program: Command, makeSession: MakeSession): void {
  const command = program
    .command('logs <run>')
    .description('Print the log of a run; with -f as it grows, also over a restart of the API')
    .option('-f, --follow', 'go on until the run has ended')
    .addHelpText('after', '\nExamples:\n  gimo logs r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H\n  gimo logs -f r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H --json');
  command.action(async (runId: string, options: { follow?: boolean }) => {
    const session = makeSession(command);
    const client = session.client();
    if (options.follow === true) return printStream(session, client, 'runs_events', { params: { id: runId } });
    await printLog(session, client, runId);
  });
}

async function printLog({ terminal }: Session, client: ApiClient, runId: string): Promise<void> {
  const query: Record<string, string> = { limit: '1000' };
  for (;;) {
    const { data, next } = await client.call('runs_log', { params: { id: runId }, query });
    for (const entry of data) terminal.out(terminal.isJson ? JSON.stringify(entry) : logLine(entry, terminal.paint));
    if (next === null) return;
    query['cursor'] = next;
  }
}
