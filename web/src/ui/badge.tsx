import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Tone } from '../lib/words.ts';

export const TONE_CLASS: Record<Tone, string> = {
  neutral: 'bg-sunken text-muted',
  info: 'bg-accent-soft text-accent',
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
};

export function Badge({ tone, icon: Icon, isSpinning, children }: BadgeProps) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-[0.8rem] font-semibold whitespace-nowrap ${TONE_CLASS[tone]}`}
    >
      {Icon && <Icon aria-hidden className={`size-3.5 ${isSpinning ? 'spin' : ''}`} />}
      {children}
    </span>
  );
}

type BadgeProps = { tone: Tone; icon?: LucideIcon; isSpinning?: boolean; children: ReactNode };
