import { useId, type ReactNode, type TextareaHTMLAttributes } from 'react';

export const INPUT_CLASS =
  'w-full rounded-lg border border-strong-line/60 bg-surface px-3 py-2 text-ink placeholder:text-muted focus-visible:border-accent';

type FieldProps = { label: string; hint?: ReactNode; children: (id: string) => ReactNode };

export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-[0.9rem] font-medium">
        {label}
      </label>
      {children(id)}
      {hint !== undefined && <p className="text-[0.85rem] text-muted">{hint}</p>}
    </div>
  );
}

type AreaProps = Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange'> & {
  label: string;
  hint?: ReactNode;
  isCode?: boolean;
  onValue: (value: string) => void;
};

export function TextArea({ label, hint, isCode, onValue, ...rest }: AreaProps) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <textarea
          id={id}
          rows={4}
          {...rest}
          spellCheck={!isCode}
          onChange={(event) => onValue(event.target.value)}
          className={`${INPUT_CLASS} ${isCode ? 'code leading-relaxed' : ''}`}
        />
      )}
    </Field>
  );
}
