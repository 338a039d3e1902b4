import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes } from 'react';

export type ButtonLook = 'plain' | 'primary' | 'approve' | 'reject' | 'edit' | 'quiet';
type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: ButtonLook;
  icon?: LucideIcon;
  size?: 'small' | 'normal';
  isBusy?: boolean;
  /** Why it cannot be used now; disables it and is what the tooltip says. */
  refusal?: string | null;
};

const LOOKS: Record<ButtonLook, string> = {
  plain: 'border-line bg-surface text-ink hover:border-strong-line',
  primary: 'border-transparent bg-accent text-accent-ink hover:brightness-110',
  approve: 'border-transparent bg-ok text-surface hover:brightness-110',
  reject: 'border-bad/40 bg-bad-soft text-bad hover:border-bad',
  edit: 'border-accent/40 bg-accent-soft text-accent hover:border-accent',
  quiet: 'border-transparent text-muted hover:bg-sunken hover:text-ink',
};

/** The same look for a link that stands among buttons. */
export function buttonClass(look: ButtonLook, size: 'small' | 'normal'): string {
  const room = size === 'small' ? 'min-h-8 px-2.5 text-[0.87rem]' : 'min-h-10 px-4';
  return `inline-flex items-center justify-center gap-1.5 rounded-lg border font-medium whitespace-nowrap transition disabled:cursor-not-allowed disabled:opacity-50 ${room} ${LOOKS[look]}`;
}

export function Button({ look = 'plain', icon: Icon, size = 'normal', isBusy, refusal, children, className, ...rest }: Props) {
  const isOff = rest.disabled === true || isBusy === true || (refusal ?? null) !== null;
  return (
    <button
      type="button"
      {...rest}
      disabled={isOff}
      title={refusal ?? rest.title}
      aria-busy={isBusy || undefined}
      className={`${buttonClass(look, size)} ${className ?? ''}`}
    >
      {Icon && <Icon aria-hidden className={`size-4 shrink-0 ${isBusy ? 'spin' : ''}`} />}
      {children}
    </button>
  );
}
