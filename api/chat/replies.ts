/** What the chat says, in the language that it was spoken to. */
import type { Intent } from '#contract/chat.ts';
import type { ChatPlan, Missing } from './plans.ts';
import { plain, type Language } from './words.ts';

type Said = Record<Language, string>;

const ABOUT: Record<'negated' | 'unclear' | 'out_of_scope', Said> = {
  negated: { en: 'Understood: nothing was done.', es: 'Entendido: no se ha hecho nada.' },
  unclear: {
    en: 'I am not sure what you want of it, so nothing was done. Begin with what is to be done: run, scan, fix, which model, or status. Say "help" for more, or look at the dashboard.',
    es: 'No sé bien qué quieres hacer con eso, así que no se ha hecho nada. Empieza por lo que hay que hacer: ejecuta, escanea, arregla, qué modelo, o estado. Di «ayuda» para saber más, o mira el panel.',
  },
  out_of_scope: {
    en: 'That is nothing I can do here. Say "help" for what I can.',
    es: 'Eso no lo puedo hacer aquí. Di «ayuda» para ver qué puedo hacer.',
  },
};

const DRAFTS: Record<ChatPlan['kind'], Said> = {
  process: { en: 'a process in a fence', es: 'un proceso en un recinto aislado' },
  scan: { en: 'a scan of the repository, which writes nothing', es: 'un escaneo del repositorio, que no escribe nada' },
  patch: { en: 'a patch, committed on a branch of its own', es: 'un parche, en un commit de una rama propia' },
};

const MISSING: Record<Missing, Said> = {
  command: {
    en: 'Which command? Put it in backticks, like `npm test`.',
    es: '¿Qué comando? Escríbelo entre acentos graves, como `npm test`.',
  },
  file: {
    en: 'Which file? Name its path, like src/date.ts, or give a diff in a fenced block.',
    es: '¿Qué archivo? Nombra su ruta, como src/date.ts, o da un diff en un bloque cercado.',
  },
};

const THANKS = /^(?:(?:ok|vale|great|perfecto?|muchas|muchisimas|mil) )*(?:thanks|thank you|thx|cheers|gracias)\b/;
const WELCOME: Said = { en: 'You are welcome.', es: 'De nada.' };

/** Null for what is no courtesy. */
export function courtesyReply(text: string, language: Language): string | null {
  return THANKS.test(plain(text).trim()) ? WELCOME[language] : null;
}

export function aboutReply(intent: keyof typeof ABOUT, language: Language): string {
  return ABOUT[intent][language];
}

export function isAbout(intent: Intent): intent is keyof typeof ABOUT {
  return Object.hasOwn(ABOUT, intent);
}

export function missingReply(missing: Missing, language: Language): string {
  return MISSING[missing][language];
}

export function draftedReply(kind: ChatPlan['kind'], { id, url }: { id: string; url: string }, language: Language): string {
  const what = DRAFTS[kind][language];
  return language === 'en'
    ? `I drafted ${what}: ${id}. Nothing has run. A person reads and decides it at ${url}.`
    : `He preparado el borrador de ${what}: ${id}. Nada se ha ejecutado. Una persona lo lee y decide en ${url}.`;
}

export function wouldDraftReply(kind: ChatPlan['kind'], language: Language): string {
  const what = DRAFTS[kind][language];
  return language === 'en'
    ? `I would draft ${what}. Say it again with require_action, and the draft is made; a person decides it.`
    : `Prepararía el borrador de ${what}. Dilo de nuevo con require_action y se crea el borrador; una persona lo decide.`;
}
