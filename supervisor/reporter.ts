/** What a person (or, with --json, a program) sees of a start: steps with their times, warnings, the links. */
export type Links = { url: string; login_url: string | null; temporal_ui: string | null; data: string };

export type Reporter = {
  /** A step that is done, with the time it took. */
  step(name: string, tookMs: number): void;
  progress(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  up(links: Links, tookMs: number): void;
};

export function createReporter(isJson: boolean, write: (line: string) => void): Reporter {
  return isJson ? jsonReporter(write) : wordsReporter(write);
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function wordsReporter(write: (line: string) => void): Reporter {
  return {
    step: (name, tookMs) => write(`✓ ${name} ${seconds(tookMs)}`),
    progress: (text) => write(`… ${text}`),
    warn: (text) => write(`! ${text}`),
    error: (text) => write(`✗ ${text}`),
    up: (links, tookMs) => {
      write('');
      write(`GIMO is up after ${seconds(tookMs)}: ${links.url}`);
      if (links.login_url !== null) write(`Sign in (once, within 5 minutes): ${links.login_url}`);
      if (links.temporal_ui !== null) write(`Temporal Web: ${links.temporal_ui}`);
      write(`Data: ${links.data}`);
      write('Ctrl-C stops everything.');
    },
  };
}

function jsonReporter(write: (line: string) => void): Reporter {
  const say = (value: object): void => write(JSON.stringify(value));
  return {
    step: (name, tookMs) => say({ event: 'step', name, took_ms: Math.round(tookMs) }),
    progress: (text) => say({ event: 'progress', text }),
    warn: (text) => say({ event: 'warning', text }),
    error: (text) => say({ event: 'error', text }),
    up: (links, tookMs) => say({ event: 'up', ...links, took_ms: Math.round(tookMs) }),
  };
}
