/** How things stand, in words. */
import { dollars } from '#contract/budget.ts';
import { plural } from '#contract/plural.ts';
import type { Draft, Run } from '#contract/objects.ts';
import type { Language } from './words.ts';

/** What a message names by its id. `error`: what a failed run says of itself. */
export type Named =
  | { id: string; is: 'nothing' }
  | { id: string; is: 'draft'; title: string | null; status: Draft['status'] }
  | ({ id: string; is: 'run'; error: string | null } & Pick<Run, 'title' | 'status' | 'paused' | 'waiting' | 'nodes'>);

/** `cost`: of the last 24 hours, in dollars; `unknown`: calls of which nobody knows what they cost. */
export type Standing = {
  running: number;
  pending: number;
  drafts: number;
  gates: number;
  last: Named | null;
  cost: { usd: number; unknown: number; calls: number };
};

type NamedRun = Extract<Named, { is: 'run' }>;

const RUNS: Record<Language, Record<Run['status'], string>> = {
  en: { pending: 'has not begun', running: 'is running', done: 'is done', error: 'has failed', cancelled: 'was cancelled' },
  es: { pending: 'aún no ha empezado', running: 'está en marcha', done: 'ha terminado', error: 'ha fallado', cancelled: 'fue cancelada' },
};
const DRAFTS: Record<Language, Record<Draft['status'], string>> = {
  en: { draft: 'waits for a decision', approved: 'was approved', rejected: 'was rejected', error: 'could not be drafted' },
  es: { draft: 'espera una decisión', approved: 'fue aprobado', rejected: 'fue rechazado', error: 'no se pudo preparar' },
};
const ENDED: ReadonlySet<Run['status']> = new Set<Run['status']>(['done', 'error', 'cancelled']);

function stateOf({ status, paused, waiting }: NamedRun, language: Language): string {
  if (status === 'running' && paused) return language === 'en' ? 'is paused' : 'está en pausa';
  if (status === 'running' && waiting) return language === 'en' ? 'waits for a person' : 'espera a una persona';
  return RUNS[language][status];
}

function runLine(run: NamedRun, language: Language): string {
  const { id, title, nodes, error, status } = run;
  const name = language === 'en' ? `The run ${id}, “${title}”,` : `La ejecución ${id}, «${title}»,`;
  const { done, total } = nodes;
  const far =
    status !== 'running' ? '' : language === 'en' ? `, ${done} of ${plural(total, 'node')} done` : `, ${done} de ${total} nodos hechos`;
  return `${name} ${stateOf(run, language)}${far}${error === null ? '' : `: ${error}`}`.replace(/\.?$/, '.');
}

const isEnded = (named: Named): boolean => named.is === 'run' && ENDED.has(named.status);

/** Of a run or draft that was named. `url`: of the dashboard. */
export function namedReply(named: Named, url: string, language: Language): string {
  const { id } = named;
  if (named.is === 'nothing') return language === 'en' ? `There is no ${id} here.` : `Aquí no hay ningún ${id}.`;
  if (named.is === 'run') return `${runLine(named, language)} ${url}/runs/${id}`;
  const title = named.title === null ? '' : language === 'en' ? `, “${named.title}”,` : `, «${named.title}»,`;
  return `${language === 'en' ? 'The draft' : 'El borrador'} ${id}${title} ${DRAFTS[language][named.status]}. ${url}/plans/${id}`;
}

function costLine({ usd, unknown, calls }: Standing['cost'], language: Language): string {
  if (calls === 0)
    return language === 'en' ? 'No model was called in the last 24 hours.' : 'En las últimas 24 horas no se ha llamado a ningún modelo.';
  const open =
    unknown === 0
      ? ''
      : language === 'en'
        ? `, and ${plural(unknown, 'call')} of unknown cost`
        : ` y ${unknown} llamadas de coste desconocido`;
  return language === 'en'
    ? `Models cost ${dollars(usd)} in the last 24 hours${open}.`
    : `Los modelos han costado ${dollars(usd)} en las últimas 24 horas${open}.`;
}

export function standingReply({ running, pending, drafts, gates, last, cost }: Standing, url: string, language: Language): string {
  const counts =
    language === 'en'
      ? `${running} running, ${pending} pending, ${plural(drafts, 'draft')} to decide, ${plural(gates, 'open gate')}.`
      : `${running} en marcha, ${pending} pendientes, ${drafts} borradores por decidir, ${gates} puertas abiertas.`;
  const newest = last?.is !== 'run' ? [] : [`${language === 'en' ? 'The newest:' : 'La más reciente:'} ${runLine(last, language)}`];
  const where =
    language === 'en' ? `More at ${url}/runs, ${url}/plans and ${url}/gates.` : `Más en ${url}/runs, ${url}/plans y ${url}/gates.`;
  return [counts, ...newest, costLine(cost, language), where].join(' ');
}

/** Deciding and stopping are never done by a sentence: who can, and where. */
export function decideReply(intent: 'approve' | 'cancel', named: readonly Named[], url: string, language: Language): string {
  const known = named.find(({ is }) => is === (intent === 'approve' ? 'draft' : 'run'));
  if (known !== undefined && (isEnded(known) || (known.is === 'draft' && known.status !== 'draft')))
    return namedReply(known, url, language);
  if (intent === 'cancel') {
    const [page, id] = known === undefined ? [`${url}/runs`, 'ID'] : [`${url}/runs/${known.id}`, known.id];
    return language === 'en'
      ? `A sentence stops nothing. Use the stop button at ${page}, or gimo runs cancel ${id}.`
      : `Una frase no detiene nada. Usa el botón de detener en ${page}, o gimo runs cancel ${id}.`;
  }
  const page = known === undefined ? `${url}/plans` : `${url}/plans/${known.id}`;
  return language === 'en'
    ? `A sentence approves nothing. A person reads what is asked and decides it at ${page}; questions of a run are at ${url}/gates.`
    : `Una frase no aprueba nada. Una persona lee lo que se pide y lo decide en ${page}; las preguntas de una ejecución están en ${url}/gates.`;
}
