/** The evidence of a gate as whoever answers reads it: first what would be done, then what it needs beyond the envelope, then the rest. Pure. */
import { isJsonObject, type Json } from './json.ts';
import type { Gate } from './objects.ts';
import { valueTexts, type TextGroup } from './plan-texts.ts';
import { argvText } from './commands/shell-words.ts';

/** Every value is in one of them; of the patterns that are missing, the lists without any are left out. */
export function evidenceTexts({ kind, evidence }: Pick<Gate, 'kind' | 'evidence'>): TextGroup[] {
  if (evidence === null) return [];
  if (kind !== 'envelope' || !isJsonObject(evidence)) return [valueTexts('Evidence', evidence)];
  const { value, nodes, delta, ...rest } = evidence;
  return [
    ...(value === undefined ? [] : [effectTexts('What would be done', value)]),
    ...(Array.isArray(nodes) ? nodes.map((node) => effectTexts(`Node ${idOf(node)}`, node)) : []),
    ...(delta === undefined ? [] : [valueTexts('Beyond the envelope', filled(delta))]),
    ...(Object.keys(rest).length === 0 ? [] : [valueTexts('Why it is asked', rest)]),
  ];
}

const idOf = (node: Json): string => (isJsonObject(node) && typeof node['id'] === 'string' ? node['id'] : '');
const isWords = (value: Json | undefined): value is string[] => Array.isArray(value) && value.every((word) => typeof word === 'string');

/** A command stands in one piece, as in a shell, whether it is a whole node or only its `with`. */
function effectTexts(id: string, value: Json): TextGroup {
  if (!isJsonObject(value)) return valueTexts(id, value);
  const own = isJsonObject(value['with']) ? value['with'] : value;
  const { argv } = own;
  if (!isWords(argv)) return valueTexts(id, value);
  const { argv: _argv, ...others } = own;
  const { settings, parts } = valueTexts(id, own === value ? others : { ...value, with: others });
  return { id, kind: null, settings, parts: [{ name: 'command', text: argvText(argv) }, ...parts] };
}

function filled(delta: Json): Json {
  if (!isJsonObject(delta)) return delta;
  const isEmpty = (value: Json): boolean => value === null || value === 0 || (typeof value === 'object' && Object.keys(value).length === 0);
  const entries = Object.entries(delta).map(([part, value]): [string, Json] => [part, isJsonObject(value) ? filled(value) : value]);
  return Object.fromEntries(entries.filter(([, value]) => !isEmpty(value)));
}
