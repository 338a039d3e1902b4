/** Plans and bodies from files, stdin or the command line, read by the parser that the API uses. */
import { readFileSync } from 'node:fs';
import { errorMessage } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { parseJsonBody, parseYamlBody } from '#contract/parse-body.ts';
import { CliFailure, EXIT } from './failure.ts';

/** In: JSON or YAML, and its name for messages. Throws: CliFailure (usage) with what is wrong. */
export function parseText(text: string, name: string): Json {
  try {
    return /^\s*[[{]/.test(text) ? parseJsonBody(text) : parseYamlBody(text);
  } catch (error) {
    throw new CliFailure(EXIT.usage, `${name}: ${errorMessage(error)}`, { cause: error });
  }
}

/** In: a path, or `-` for stdin. */
export function readDocument(file: string): Json {
  return parseText(readText(file), file === '-' ? 'stdin' : file);
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    const sentence = code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read (${String(code)}).`;
    throw new CliFailure(EXIT.usage, sentence, { cause: error });
  }
}

/** A value on the command line: `@file`, JSON or YAML text. */
export function parseArgument(text: string, name: string): Json {
  return text.startsWith('@') ? readDocument(text.slice(1)) : parseText(text, name);
}

/** `name=value` pairs; a value that is JSON keeps its type, anything else is text. */
export function parsePairs(pairs: readonly string[], name: string): Record<string, Json> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new CliFailure(EXIT.usage, `${name} takes name=value, not \`${pair}\`.`);
      return [pair.slice(0, at), parseLoose(pair.slice(at + 1))];
    }),
  );
}

function parseLoose(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text; // a word: no quotes needed
  }
}
