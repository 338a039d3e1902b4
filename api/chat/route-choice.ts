/** Which provider a model call with `auto` gets, and why each other one does not. */
import type { ShownProviders } from '#contract/provider.ts';
import { PROVIDER_TYPES } from '#contract/provider.ts';
import type { Language } from './words.ts';

type Shown = { type: keyof typeof PROVIDER_TYPES; model: string; key_set: boolean | null };
export type Configured = { active: ShownProviders['active']; providers: Record<string, Shown> };

type Reason = 'active' | 'not_active' | 'no_adapter' | 'no_key';
const WORDS: Record<Reason, Record<Language, string>> = {
  active: { en: 'it is the active provider', es: 'es el proveedor activo' },
  not_active: { en: 'not the active provider', es: 'no es el proveedor activo' },
  no_adapter: { en: 'its protocol is not part of this build', es: 'su protocolo no forma parte de esta versión' },
  no_key: {
    en: 'the variable of its key is not set where calls are made',
    es: 'la variable de su clave no está definida donde se hacen las llamadas',
  },
};

function obstacleOf({ type, key_set: keySet }: Shown): Reason | null {
  if (PROVIDER_TYPES[type].protocol === 'none') return 'no_adapter';
  return keySet === false ? 'no_key' : null;
}

function reasonsOf(name: string, shown: Shown, active: string): Reason[] {
  const obstacle = obstacleOf(shown);
  return [name === active ? 'active' : 'not_active', ...(obstacle === null ? [] : [obstacle])];
}

/** Calls are never sent elsewhere by themselves: what hinders the active provider is said, and the call would fail. */
export function routeReply({ active, providers }: Configured, language: Language): string {
  const chosen = providers[active];
  const lines = Object.entries(providers)
    .toSorted(([a], [b]) => Number(b === active) - Number(a === active) || a.localeCompare(b))
    .map(([name, shown]) => {
      const reasons = reasonsOf(name, shown, active).map((reason) => WORDS[reason][language]);
      return `- ${name} (${shown.type}, ${shown.model}): ${reasons.join('; ')}`;
    });
  const head =
    chosen === undefined
      ? {
          en: 'No provider is active, so a model call would be refused.',
          es: 'No hay proveedor activo: una llamada a un modelo se rechazaría.',
        }
      : obstacleOf(chosen) === null
        ? {
            en: `A call with auto goes to ${active}, model ${chosen.model}.`,
            es: `Una llamada con auto va a ${active}, modelo ${chosen.model}.`,
          }
        : { en: `A call with auto would go to ${active} and fail.`, es: `Una llamada con auto iría a ${active} y fallaría.` };
  return [head[language], ...lines].join('\n');
}
