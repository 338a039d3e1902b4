/** The decision packet in a terminal: all that a decider must see before saying yes. Nothing of it is cut, however long. */
import { meaningOf } from '#contract/capability.ts';
import type { Finding, Packet, Severity } from '#contract/objects.ts';
import { planTexts } from '#contract/plan-texts.ts';
import { plural } from '#contract/plural.ts';
import { writtenBy } from '#contract/written-by.ts';
import type { ApiClient } from './api-client.ts';
import { graphLines } from './graph-text.ts';
import { groupLines, guttered } from './guttered.ts';
import { silentProviderLines } from './silent-providers.ts';
import { printable, type Paint } from './terminal.ts';

const INDENT = '  ';
const ORDER: Record<Severity, number> = { high: 0, medium: 1, low: 2 };

/** With what only the instance knows: which of its models do not answer. Waits: for those checks. */
export async function packetScreen(client: ApiClient, packet: Packet, paint: Paint, width: number): Promise<string[]> {
  const silent = await silentProviderLines(client, packet.plan);
  return [...packetLines(packet, paint, width), ...silent.map((line) => paint.yellow(printable(line)))];
}

export function packetLines(packet: Packet, paint: Paint, width: number): string[] {
  const { plan, estimate } = packet;
  const cost = estimate.cost_usd === null ? 'unknown' : `$${estimate.cost_usd.toFixed(2)}`;
  const time = estimate.wall_ms === null ? 'unknown' : `${Math.round(estimate.wall_ms / 1000)} s`;
  const sentence = printable(packet.sentence.replaceAll(/\s+/g, ' '));
  return [
    ...warningLines(packet.findings, paint),
    paint.bold(printable(plan.title)),
    sentence,
    ...section('Findings', findingLines(packet.findings, paint), paint),
    ...section('Changes since the last approval', changeLines(packet, width - INDENT.length, paint), paint),
    ...section('It may', capabilityLines(packet), paint),
    ...section(
      'Inputs',
      Object.entries(packet.inputs).map(([name, value]) => `${name} = ${printable(JSON.stringify(value))}`),
      paint,
    ),
    ...section('Graph', graphLines(plan.nodes), paint),
    ...section(
      'All of it, as it is approved; what is left out is as its kind has it',
      groupLines(planTexts(plan, false), width - INDENT.length, paint),
      paint,
    ),
    '',
    ...placeLines(packet),
    `Estimate: ${plural(estimate.nodes, 'node')}, cost ${cost}, time ${time} (${printable(estimate.basis)})`,
    printable(writtenBy(packet.approvers.authors)),
    `Decided by: ${deciders(packet)} · valid until ${packet.expires_at}`,
    '',
    sentence,
    ...warningLines(packet.findings, paint),
    `Risk: ${severity(packet.risk, paint)}${dangersNamed(packet.findings)} · hash ${packet.hash}`,
  ];
}

/** Before the title, which the author of the plan chose, and again before the question, since what was above is out of sight by then. */
function warningLines(findings: Finding[], paint: Paint): string[] {
  const dangers = findings.filter((finding) => finding.severity === 'high');
  if (dangers.length === 0) return [];
  return [
    paint.red('Dangerous: do not approve this unless you know why each of these is wanted'),
    ...dangers.flatMap(({ node, message, evidence }) => [
      `  ${node === null ? '' : `${node}: `}${printable(message)}`,
      ...(evidence === '' ? [] : [`    ${paint.bold(oneLine(evidence))}`]),
    ]),
    '',
  ];
}

const oneLine = (text: string): string => printable(text.replaceAll(/\s+/g, ' '));

/** The texts may be long, and what was said before them out of sight. */
function dangersNamed(findings: Finding[]): string {
  const count = findings.filter((finding) => finding.severity === 'high').length;
  return count === 0 ? '' : ` (${plural(count, 'danger')}, named above)`;
}

function placeLines({ preconditions: { repo, base_commit: commit } }: Packet): string[] {
  return repo === null ? [] : [`Repository: ${printable(repo)}${commit === null ? '' : ` at ${commit}`}`];
}

function deciders({ approvers: { stages, quorum, votes, allows_self } }: Packet): string {
  const asked = stages
    .map((stage) => `${stage.quorum} × ${stage.role}${stage.title === '' ? '' : ` (${printable(stage.title)})`}`)
    .join(', then ');
  const so = votes.map((vote) => printable(vote.by_name ?? vote.by)).join(', ');
  return [
    asked,
    ...(quorum > 1 ? [`${votes.length} of ${quorum} agreed${so === '' ? '' : `: ${so}`}`] : []),
    ...(allows_self ? [] : ['not by an author']),
  ].join(' · ');
}

function section(title: string, lines: string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : ['', paint.bold(title), ...lines.map((line) => `${INDENT}${line}`)];
}

function severity(value: Severity, paint: Paint): string {
  if (value === 'high') return paint.red(value);
  return value === 'medium' ? paint.yellow(value) : paint.dim(value);
}

function findingLines(findings: Finding[], paint: Paint): string[] {
  return [...findings]
    .sort((a, b) => ORDER[a.severity] - ORDER[b.severity])
    .flatMap((finding) => [
      `${severity(finding.severity, paint)} ${finding.node === null ? '' : `${finding.node}: `}${printable(finding.message)}`,
      ...(finding.evidence === '' ? [] : [`  ${oneLine(finding.evidence)}`]),
      ...(finding.remedy === '' ? [] : [paint.dim(`  ${printable(finding.remedy)}`)]),
    ]);
}

/** Whole, however long: what is cut here would be approved unseen. */
function capabilityLines({ capabilities }: Packet): string[] {
  return capabilities.flatMap(({ type, value, now }) => {
    const [first = '', ...more] = value.trimEnd().split('\n').map(printable);
    const meaning = meaningOf({ type, value });
    const notes = [meaning, now === undefined ? null : `now ${printable(now)}`].filter((note) => note !== null);
    return [`${type}: ${first}${notes.length === 0 ? '' : `  (${notes.join(', ')})`}`, ...more.map((line) => `  ${line}`)];
  });
}

/** What was approved and what is asked for now, of each text that differs. */
function changeLines({ diff }: Packet, width: number, paint: Paint): string[] {
  if (diff === null) return [];
  const list = (sign: string, names: string[]): string[] => names.map((name) => `${sign} ${printable(name)}`);
  const lines = [
    ...list('+', diff.added),
    ...list('-', diff.removed),
    ...list('~', diff.changed),
    ...diff.changes.flatMap(({ node, name, before, after }) => [
      `${printable(node)}, ${printable(name)}:`,
      ...(before === null ? [] : signed('-', before, width, paint)),
      ...(after === null ? [] : signed('+', after, width, paint)),
    ]),
  ];
  return lines.length === 0 ? [`none against ${diff.against}`] : lines;
}

function signed(sign: '-' | '+', text: string, width: number, paint: Paint): string[] {
  const lines = text.split('\n').map((line) => `${sign} ${line}`);
  return guttered(lines.join('\n'), width, paint);
}
