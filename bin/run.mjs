#!/usr/bin/env node
/** node bin/run.mjs <script.ts> [args]: runs a script of this clone under its own Node, after installing what is missing. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './launch.mjs';

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('Name a script: node bin/run.mjs <script.ts> [arguments]\n');
  process.exit(1);
}
await launch(path.dirname(path.dirname(fileURLToPath(import.meta.url))), script, args);
