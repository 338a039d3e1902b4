/** `npm start`: everything up with one command, one login link, everything down with Ctrl-C. */
import path from 'node:path';
import { sentenceOf } from './refusal.ts';
import { runSupervisor } from './run-supervisor.ts';

try {
  await runSupervisor(path.dirname(import.meta.dirname), process.argv.slice(2));
} catch (error) {
  console.error(sentenceOf(error));
  process.exit(1);
}
