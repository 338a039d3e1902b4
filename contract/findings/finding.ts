import { showInvisible } from '../invisible.ts';
import type { Finding } from '../objects.ts';

const EVIDENCE_CHARS = 300;

type Draft = Omit<Finding, 'node'> & { node?: string };
export const finding = ({ node, ...rest }: Draft): Finding => ({ ...rest, node: node ?? null, evidence: shorten(rest.evidence) });
const shorten = (text: string): string => showInvisible(text.length > EVIDENCE_CHARS ? `${text.slice(0, EVIDENCE_CHARS)}…` : text);
export const quoteAll = (items: string[]): string =>
  items
    .slice(0, 8)
    .map((item) => `\`${item}\``)
    .join(', ') + (items.length > 8 ? ` and ${items.length - 8} more` : '');
