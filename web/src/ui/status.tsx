import {
  AlertTriangle,
  Ban,
  CheckCircle2,
  Circle,
  CircleDashed,
  CircleHelp,
  CircleX,
  FileClock,
  Hand,
  LoaderCircle,
  Pause,
  SkipForward,
  type LucideIcon,
} from 'lucide-react';
import type { Draft, Run, Severity } from '#contract/objects.ts';
import type { NodeStatus } from '#contract/run-state.ts';
import { NODE_WORDS, runWords, type Tone } from '../lib/words.ts';
import { Badge } from './badge.tsx';

export const NODE_ICONS: Record<NodeStatus, LucideIcon> = {
  pending: CircleDashed,
  ready: Circle,
  running: LoaderCircle,
  waiting: Hand,
  done: CheckCircle2,
  skipped: SkipForward,
  error: CircleX,
  cancelled: Ban,
  unknown: CircleHelp,
};

export function NodeBadge({ status }: { status: NodeStatus }) {
  const words = NODE_WORDS[status];
  return (
    <Badge tone={words.tone} icon={NODE_ICONS[status]} isSpinning={status === 'running'}>
      {words.text}
    </Badge>
  );
}

export function RunBadge({ run }: { run: Pick<Run, 'status' | 'paused' | 'waiting'> }) {
  const words = runWords(run);
  return (
    <Badge tone={words.tone} icon={runIcon(run)} isSpinning={words.text === 'running'}>
      {words.text}
    </Badge>
  );
}

function runIcon(run: Pick<Run, 'status' | 'paused' | 'waiting'>): LucideIcon {
  if (run.status === 'done') return CheckCircle2;
  if (run.status === 'error') return CircleX;
  if (run.status === 'cancelled') return Ban;
  if (run.waiting) return Hand;
  if (run.paused) return Pause;
  return run.status === 'pending' ? CircleDashed : LoaderCircle;
}

const DRAFT_LOOK: Record<Draft['status'], { tone: Tone; icon: LucideIcon }> = {
  draft: { tone: 'warn', icon: FileClock },
  approved: { tone: 'ok', icon: CheckCircle2 },
  rejected: { tone: 'bad', icon: Ban },
  error: { tone: 'bad', icon: AlertTriangle },
};

export function DraftBadge({ status }: { status: Draft['status'] }) {
  const { tone, icon } = DRAFT_LOOK[status];
  return (
    <Badge tone={tone} icon={icon}>
      {status.toUpperCase()}
    </Badge>
  );
}

export const SEVERITY_TONE: Record<Severity, Tone> = { low: 'neutral', medium: 'warn', high: 'bad' };

export function RiskBadge({ risk }: { risk: Severity }) {
  return (
    <Badge tone={SEVERITY_TONE[risk]} {...(risk === 'low' ? {} : { icon: AlertTriangle })}>
      {risk} risk
    </Badge>
  );
}
