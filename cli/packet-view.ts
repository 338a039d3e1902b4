/** The decision packet in a terminal: all that a decider must see before saying yes. */
import { meaningOf } from '#contract/capability.ts';
import type { Finding, Packet, Severity } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import { graphLines } from './graph-text.ts';
import { printable, type Paint } from './terminal.ts';

const ORDER: Record<Severity, number> = { high: 0, medium: 1, low: 2 };

export function packetLines(packet: Packet, paint: Paint): string[] {
  const { plan, estimate } = packet;
  const cost = estimate.cost_usd === null ? 'unknown' : `$${estimate.cost_usd.toFixed(2)}`;
  const time = estimate.wall_ms === null ? 'unknown' : `${Math.round(estimate.wall_ms / 1000)} s`;
  return [
    ...warningLines(packet.findings, paint),
    paint.bold(printable(plan.title)),
    printable(packet.sentence.replaceAll(/\s+/g, ' ')),
    ...section('Findings', findingLines(packet.findings, paint), paint),
    ...section('It may', capabilityLines(packet), paint),
    ...section(
      'Inputs',
      Object.entries(packet.inputs).map(([name, value]) => `${name} = ${printable(JSON.stringify(value))}`),
      paint,
    ),
    ...section('Changes since the last approval', diffLines(packet), paint),
    ...section('Graph', graphLines(plan.nodes), paint),
    '',
    `Estimate: ${plural(estimate.nodes, 'node')}, cost ${cost}, time ${time} (${printable(estimate.basis)})`,
    `Decided by: ${deciders(packet)} · valid until ${packet.expires_at}`,
    `Risk: ${severity(packet.risk, paint)} · hash ${packet.hash}`,
  ];
}

/** Before the title, which the author of the plan chose. */
function warningLines(findings: Finding[], paint: Paint): string[] {
  const dangers = findings.filter((finding) => finding.severity === 'high');
  if (dangers.length === 0) return [];
  return [
    paint.red('Dangerous: do not approve this unless you know why each of these is wanted'),
    ...dangers.map(({ node, message }) => `  ${node === null ? '' : `${node}: `}${printable(message)}`),
    '',
  ];
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
  return lines.length === 0 ? [] : ['', paint.bold(title), ...lines.map((line) => `  ${line}`)];
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
      ...(finding.remedy === '' ? [] : [paint.dim(`  ${printable(finding.remedy)}`)]),
    ]);
}

/** Whole, however long: what is cut here would be approved unseen. */
function capabilityLines({ capabilities }: Packet): string[] {
  return capabilities.flatMap(({ type, value }) => {
    const [first = '', ...more] = value.trimEnd().split('\n').map(printable);
    const meaning = meaningOf({ type, value });
    return [`${type}: ${first}${meaning === null ? '' : `  (${meaning})`}`, ...more.map((line) => `  ${line}`)];
  });
}

function diffLines({ diff }: Packet): string[] {
  if (diff === null) return [];
  const list = (sign: string, names: string[]): string[] => names.map((name) => `${sign} ${printable(name)}`);
  const lines = [...list('+', diff.added), ...list('-', diff.removed), ...list('~', diff.changed)];
  return lines.length === 0 ? [`none against ${diff.against}`] : lines;
}
