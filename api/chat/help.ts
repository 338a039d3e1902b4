/** What the chat says to whoever asks how something is done here: by the first matter that is named, else what the chat is for. */
import { patternOf } from './nearness.ts';
import type { Language } from './words.ts';

type Topic = { words: string; says: (url: string) => Record<Language, string> };

const TOPICS: Topic[] = [
  {
    words: 'approv* aprob* aprueb* authori* autoriz* reject* rechaz*',
    says: (url) => ({
      en: `A person approves: open ${url}/plans, read the draft and decide it there, or in a terminal: gimo drafts packet ID, then gimo drafts approve ID. An agent never can.`,
      es: `Aprueba una persona: abre ${url}/plans, lee el borrador y decide allí, o en un terminal: gimo drafts packet ID y luego gimo drafts approve ID. Un agente nunca puede.`,
    }),
  },
  {
    words: 'cancel* stop* abort* kill* deten* detien* parar anul*',
    says: (url) => ({
      en: `Open the run at ${url}/runs and press stop, or in a terminal: gimo runs cancel ID. The receipt says what was stopped.`,
      es: `Abre la ejecución en ${url}/runs y pulsa detener, o en un terminal: gimo runs cancel ID. El recibo dice qué se detuvo.`,
    }),
  },
  {
    words: 'pause* pausing resume* resuming paus* reanud*',
    says: (url) => ({
      en: `Open the run at ${url}/runs and press pause, later resume; in a terminal: gimo runs pause ID, gimo runs resume ID.`,
      es: `Abre la ejecución en ${url}/runs y pulsa pausar, después reanudar; en un terminal: gimo runs pause ID, gimo runs resume ID.`,
    }),
  },
  {
    words: 'gate* puerta* compuerta* question* pregunta*',
    says: (url) => ({
      en: `Questions of runs are at ${url}/gates, where a person answers them; in a terminal: gimo gates list, gimo gates approve ID.`,
      es: `Las preguntas de las ejecuciones están en ${url}/gates, donde una persona las responde; en un terminal: gimo gates list, gimo gates approve ID.`,
    }),
  },
  {
    words: 'cost* spend* spent budget* gast* presupuesto* coste* costo*',
    says: (url) => ({
      en: `gimo cost get says what model calls cost, gimo cost budgets what is left; each run shows its own at ${url}/runs, and a plan says its limit under budget.`,
      es: `gimo cost get dice lo que cuestan las llamadas a modelos y gimo cost budgets lo que queda; cada ejecución muestra lo suyo en ${url}/runs, y cada plan dice su límite en budget.`,
    }),
  },
  {
    words: 'provider* proveedor* model* modelo*',
    says: (url) => ({
      en: `Providers and their models are set at ${url}/provider, or with gimo provider put; "which model" says which would be chosen and why.`,
      es: `Los proveedores y sus modelos se configuran en ${url}/provider o con gimo provider put; «qué modelo» dice cuál se elegiría y por qué.`,
    }),
  },
  {
    words: 'draft* borrador* plan planes plans',
    says: (url) => ({
      en: `Say what is to be run, scanned or fixed with require_action and a draft is made; or write a plan yourself at ${url}/plans or with gimo drafts create.`,
      es: `Di qué hay que ejecutar, escanear o arreglar con require_action y se crea un borrador; o escribe un plan en ${url}/plans o con gimo drafts create.`,
    }),
  },
];

const GENERAL: Record<Language, string> = {
  en: 'I can draft a process (run `npm test`), a scan of the repository, or a repair of a file; say which model would be chosen and why; and say what runs, what waits and what it cost. With require_action a draft is made. Nothing runs before a person has approved it on its page.',
  es: 'Puedo preparar el borrador de un proceso (ejecuta `npm test`), de un escaneo del repositorio o de la reparación de un archivo; decir qué modelo se elegiría y por qué; y decir qué está en marcha, qué espera y qué ha costado. Con require_action se crea un borrador. Nada se ejecuta antes de que una persona lo apruebe en su página.',
};

const READ = TOPICS.map(({ words, says }) => ({ isNamed: patternOf(words), says }));

/** `url`: of the dashboard. */
export function helpReply(words: readonly string[], url: string, language: Language): string {
  return READ.find(({ isNamed }) => words.some(isNamed))?.says(url)[language] ?? GENERAL[language];
}
