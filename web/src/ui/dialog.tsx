import { X } from 'lucide-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { Untrusted } from './text.tsx';

type Props = { title: string; onClose?: () => void; children: ReactNode; isWide?: boolean; isDrawer?: boolean };

/**
 * The platform's own modal dialog: it keeps the focus, makes the page behind inert, closes with Escape and gives the focus back, and it
 * adds no style element, which the page's policy would refuse. Without `onClose` it stays until its content is answered.
 */
export function Dialog({ title, onClose, children, isWide, isDrawer }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) {
      dialog.showModal();
      // By itself the browser would begin at the button that closes.
      dialog.querySelector<HTMLElement>('textarea, input, select, [data-content] button')?.focus();
    }
    return () => dialog?.close();
  }, []);
  const shape = isDrawer
    ? 'mr-0 my-0 h-dvh max-h-none w-full max-w-xl rounded-l-2xl border-l'
    : `w-[calc(100%-1.5rem)] max-h-[calc(100dvh-2rem)] rounded-2xl border ${isWide ? 'max-w-4xl' : 'max-w-lg'}`;
  return (
    <dialog
      ref={element}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose?.();
      }}
      className={`overflow-auto border-line bg-surface shadow-(--shadow-lifted) ${shape}`}
    >
      <div className="min-h-full p-4 sm:p-6">
        <header className="mb-4 flex items-start gap-3">
          <h2 id={id} className="flex-1 text-lg font-semibold [overflow-wrap:anywhere]">
            <Untrusted text={title} />
          </h2>
          {onClose && (
            <button type="button" onClick={onClose} className="rounded-md p-1.5 text-muted hover:bg-sunken hover:text-ink">
              <X aria-hidden className="size-5" />
              <span className="sr-only">Close</span>
            </button>
          )}
        </header>
        <div data-content>{children}</div>
      </div>
    </dialog>
  );
}
