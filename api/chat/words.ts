/** A message as the words that intents are read from: no case, no accents, and code, paths and ids as words of their own. */

export type Language = 'en' | 'es';
export type Message = {
  words: string[];
  /** What stood in backticks, without them. */
  code: string[];
  /** A unified diff in a fenced block. */
  diff: string | null;
  paths: string[];
  ids: string[];
  isQuestion: boolean;
  language: Language;
};

/** An order stands at the beginning; what follows is its matter. */
const READ_WORDS = 400;
const DIFF = /```(?:diff|patch)\n([\s\S]*?)```/i;
const CODE = /`([^`\n]{1,1000})`/g;
const ID = /\b[dargx]_[0-9a-hjkmnp-tv-z]{26}\b/gi;
/** A file by its ending, or a path of more than one part. */
const PATH =
  /(?<![\w/.@:-])(?:\.{0,2}\/)?(?:[\w@.-]+\/)*[\w@-][\w@.-]*\.(?:[a-z][a-z0-9]{0,5})(?![\w/])|(?<![\w/.@:-])(?:[\w@.-]+\/)+[\w@.-]*/gi;

const SPANISH = new Set(
  'el la los las un una de del que en y o por para con sin no se lo le al es esta este mi tu su como cual cuales donde cuando quien puedes podrias quiero hay hola gracias ejecuta lanza revisa repara arregla aprueba cancela estado ayuda muestra dime haz buenos buenas dias tardes noches olvidalo dejalo vale nada ya cuanto corre lanzalo borrador borradores ejecucion'.split(
    ' ',
  ),
);
const ENGLISH = new Set(
  'the a an of to in and or for with without not it is are my your this that how which where when who can could please run start fix approve cancel status help show tell do what'.split(
    ' ',
  ),
);

export function plain(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/[’‘]/g, "'").toLowerCase();
}

export function readMessage(text: string): Message {
  const diff = DIFF.exec(text)?.[1] ?? null;
  const ids = text.match(ID) ?? [];
  const code: string[] = [];
  const rest = text
    .replace(DIFF, ' thediff ')
    .replaceAll(CODE, (_all, inside: string) => {
      code.push(inside);
      return ' thecode ';
    })
    .replaceAll(ID, (id) => ` the${id[0]?.toLowerCase()}id `);
  const paths = [...rest.matchAll(PATH)].map(([path]) => path).filter((path) => !/^(?:e\.g|i\.e|p\.ej)\.?$/i.test(path));
  const words =
    plain(rest.replaceAll(PATH, ' thepath '))
      .match(/[a-z0-9]+(?:'[a-z]+)?/g)
      ?.slice(0, READ_WORDS) ?? [];
  const spanish = words.filter((word) => SPANISH.has(word)).length + (/[¿¡ñáéíóú]/i.test(text) ? 2 : 0);
  const english = words.filter((word) => ENGLISH.has(word)).length;
  return { words, code, diff, paths, ids, isQuestion: /[?]/.test(text), language: spanish > english ? 'es' : 'en' };
}
