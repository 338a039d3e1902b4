/** Labelled lines that the scorer learns from, in lots: each was written and measured before anything was learnt from it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { INTENTS } from '#contract/chat.ts';
import type { Example } from './scorer.ts';

const FOLDER = path.resolve(import.meta.dirname, 'examples');
export const LANGUAGES = ['en', 'es'] as const;
/** The first is what the rules were made from. */
export const LOTS = ['main', 'lot-1', 'lot-2', 'lot-3', 'lot-4', 'lot-5', 'lot-6', 'lot-7', 'lot-8', 'lot-9', 'lot-10', 'lot-11'] as const;

/** In: one line each, the label before a tab. */
export function readExamples(file: string): Example[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((row) => {
      const [label = '', text = ''] = row.split('\t');
      const intent = INTENTS.find((one) => one === label);
      if (intent === undefined) throw new Error(`${file}: ${label} is no intent`);
      return { intent, text };
    });
}

export function readLot(lot: (typeof LOTS)[number], language: (typeof LANGUAGES)[number]): Example[] {
  return readExamples(path.join(FOLDER, `${lot}-${language}.tsv`));
}

export function allExamples(): Example[] {
  return LOTS.flatMap((lot) => LANGUAGES.flatMap((language) => readLot(lot, language)));
}
