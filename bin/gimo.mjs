#!/usr/bin/env node
/** The `gimo` command. The working directory stays the caller's. */
import path from 'node:path';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch } from './launch.mjs';

const own = realpathSync(fileURLToPath(import.meta.url));
await launch(path.dirname(path.dirname(own)), 'cli/main.ts', process.argv.slice(2));
