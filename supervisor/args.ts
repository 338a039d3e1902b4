import { parseArgs } from 'node:util';
import { errorMessage } from '#contract/errors.ts';
import { Refusal } from './refusal.ts';

export type StartArgs = { env: Record<string, string>; isJson: boolean; hasLink: boolean; isHelp: boolean };

const MAX_PORT = 65_535;

export const HELP = `npm start -- [options]

  --port N          port of the dashboard and the API (GIMO_PORT, default 9325)
  --host H          address to listen on (GIMO_HOST, default 127.0.0.1)
  --data DIR        data directory (GIMO_DATA_DIR, default .orch_data)
  --repo DIR        repository that plans work on (GIMO_REPO, default the current directory)
  --no-open-link    make no login link
  --json            print JSON lines instead of words
  --help            this text

Ctrl-C stops everything.`;

/** In: what follows the script's name. Out: the environment names that the options stand for, and the switches. */
export function readArgs(argv: string[]): StartArgs {
  const { values } = parse(argv);
  const env: Record<string, string> = {};
  if (values.port !== undefined) env['GIMO_PORT'] = portOf(values.port);
  if (values.host !== undefined) env['GIMO_HOST'] = values.host;
  if (values.data !== undefined) env['GIMO_DATA_DIR'] = values.data;
  if (values.repo !== undefined) env['GIMO_REPO'] = values.repo;
  return { env, isJson: values.json === true, hasLink: values['no-open-link'] !== true, isHelp: values.help === true };
}

function portOf(text: string): string {
  if (/^\d+$/.test(text) && Number(text) <= MAX_PORT) return text;
  throw new Refusal(`--port takes a number up to ${MAX_PORT}, not \`${text}\`.`);
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        data: { type: 'string' },
        repo: { type: 'string' },
        'no-open-link': { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new Refusal(`${errorMessage(error).replace(/\.?$/, '.')} See npm start -- --help.`, { cause: error });
  }
}
