/** What every command gets: its terminal, its settings, its client. Each is made when it is first needed. */
import process from 'node:process';
import { ApiClient } from './api-client.ts';
import { readSettings, type Environment, type GlobalOptions, type Settings } from './settings.ts';
import { createTerminal, type Terminal } from './terminal.ts';

export class Session {
  readonly options: GlobalOptions;
  readonly env: Environment;
  readonly terminal: Terminal;

  constructor(options: GlobalOptions, env: Environment) {
    this.options = options;
    this.env = env;
    const isPlain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
    this.terminal = createTerminal(process, { isJson: options.json === true, noColor: isPlain });
  }

  settings(): Settings {
    return readSettings(this.options, this.env);
  }

  /** Waits for an instance that is starting; `isPatient: false`: says so instead. */
  client({ isPatient = true } = {}): ApiClient {
    return new ApiClient(this.settings(), isPatient ? { onWait: (sentence) => this.terminal.note(sentence) } : {});
  }

  /** The result of a command: JSON for programs, lines for people. */
  result(data: unknown, lines: () => string[]): void {
    if (this.terminal.isJson) this.terminal.out(JSON.stringify(data));
    else for (const line of lines()) this.terminal.out(line);
  }
}
