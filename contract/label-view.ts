/** Labels as they are shown: their schema on the wire, and what they mean in plain words. */
import { CONFIDENTIALITY, INTEGRITY, isUntrusted, type Label } from './labels.ts';
import { z } from './zod.ts';

export const LabelSchema: z.ZodType<Label> = z.object({
  integrity: z.enum(INTEGRITY).describe('untrusted: text that nobody has approved may be in it'),
  confidentiality: z
    .enum(CONFIDENTIALITY)
    .describe('internal: of the repository or of a service that is not open to all; secret: never leaves unasked'),
  untrusted_from: z.string().nullable().describe('a node or input that made it untrusted; null while it is trusted'),
  private_from: z.string().nullable().describe('a node or input that made it private; null while it is public'),
});

/** Of the detail of a node. */
export const LABEL_FIELDS = {
  label: LabelSchema.nullable().describe('where its output comes from; null where there is none, or that is not known'),
  label_text: z.string().describe('the label in plain words, or why there is none'),
};

export const whence = (name: string | null): string => (name === null ? 'outside' : `\`${name}\``);

/** One part of a label: its name, what it means, and where it comes from. */
export type LabelPart = { name: string; isRaised: boolean; text: string; from: string | null };

export function integrityPart(label: Label): LabelPart {
  const { untrusted_from: from } = label;
  return isUntrusted(label)
    ? {
        name: 'not trusted',
        isRaised: true,
        text: `Not trusted: text from ${whence(from)}, which nobody has approved, may be in it. A person is asked before it chooses what is run.`,
        from,
      }
    : { name: 'trusted', isRaised: false, text: 'Trusted: no text is in it that nobody has approved.', from: null };
}

export function privacyPart({ confidentiality, private_from: from }: Label): LabelPart {
  if (confidentiality === 'public') return { name: 'public', isRaised: false, text: 'Public: nothing private is in it.', from: null };
  const data = `data from ${whence(from)} may be in it. A person is asked before it leaves`;
  return confidentiality === 'secret'
    ? { name: 'secret', isRaised: true, text: `Secret: ${data}.`, from }
    : { name: 'private', isRaised: true, text: `Private: ${data} together with text that is not trusted.`, from };
}

export function labelText(label: Label): string {
  return `${integrityPart(label).text} ${privacyPart(label).text}`;
}
