/**
 * The commands in a shell script, as far as a reader of a plan has to know them: which programs, with which words, fed by what. It is no
 * shell: nothing is expanded, and what it cannot read it still takes apart into words. Pure.
 */

/** `from`: the commands before it in its pipeline, the nearest of many. `nested`: commands inside of `$( )`, backticks and `<( )`. */
export type ShellCommand = {
  words: string[];
  reads: string[];
  writes: string[];
  stdin: string;
  text: string;
  pipeline: string;
  from: readonly ShellCommand[];
  isPiped: boolean;
  nested: ShellCommand[];
};

const MAX_DEPTH = 4;
const MAX_FROM = 20;
const OPERATOR = /[;&|\n()]/;
const OPENS = /^(?:if|while|until|for|case|select|\{)$/;
const CLOSES = /^(?:fi|done|esac|\})$/;
const BLANK = /[ \t\r]/;

export function shellCommands(script: string, depth = 0): ShellCommand[] {
  return depth > MAX_DEPTH ? [] : new Reader(script, depth).read();
}

class Reader {
  readonly #text: string;
  readonly #depth: number;
  #at = 0;
  #start = 0;
  #pipelineStart = 0;
  #word: string | null = null;
  #target: 'words' | 'reads' | 'writes' | 'stdin' = 'words';
  #isPiped = false;
  /** Inside of a compound command that is fed: so is all in it. */
  #isFed = false;
  #now = empty();
  #pipeline: ShellCommand[] = [];
  #heredocs: { end: string; command: ShellCommand }[] = [];
  readonly #found: ShellCommand[] = [];

  constructor(text: string, depth: number) {
    this.#text = text;
    this.#depth = depth;
  }

  read(): ShellCommand[] {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at] ?? '');
    this.#endPipeline();
    return this.#found;
  }

  #step(char: string): void {
    if (char === "'") this.#take(this.#until("'", this.#at + 1));
    else if (char === '"') this.#double();
    else if (char === '\\') this.#escape();
    else if (char === '`') this.#nest(this.#until('`', this.#at + 1), '`');
    else if (/[$<>]/.test(char) && this.#text[this.#at + 1] === '(') this.#nest(this.#closing(this.#at + 2), `${char}(`);
    else if (char === '#' && this.#word === null) this.#at = this.#lineEnd();
    else if (char === '<' || char === '>') this.#redirect(char);
    else if (char === '&' && this.#text[this.#at + 1] === '>') this.#at++;
    else if (OPERATOR.test(char)) this.#operator(char);
    else if (BLANK.test(char)) this.#skip();
    else this.#add(char);
  }

  #add(text: string): void {
    this.#word = (this.#word ?? '') + text;
    this.#at++;
  }

  #skip(): void {
    this.#endWord();
    this.#at++;
  }

  /** Takes the text up to there as part of the word, without the mark that ends it. */
  #take(end: number): void {
    this.#word = (this.#word ?? '') + this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
  }

  #escape(): void {
    const next = this.#text[this.#at + 1] ?? '';
    this.#at++;
    if (next === '\n') this.#at++;
    else this.#add(next);
  }

  #double(): void {
    this.#word ??= '';
    this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      const char = this.#text[this.#at] ?? '';
      // Before anything else it is a character of its own.
      if (char === '\\' && /["$`\\\n]/.test(this.#text[this.#at + 1] ?? '"')) this.#escape();
      else if (char === '`') this.#nest(this.#until('`', this.#at + 1), '`');
      else if (char === '$' && this.#text[this.#at + 1] === '(') this.#nest(this.#closing(this.#at + 2), '$(');
      else this.#add(char);
    }
    this.#at++;
  }

  /** The commands inside count by themselves; the word keeps the text. */
  #nest(end: number, opening: string): void {
    const inside = this.#text.slice(this.#at + opening.length, end);
    this.#now.nested.push(...shellCommands(inside, this.#depth + 1));
    this.#word = `${this.#word ?? ''}${opening}${inside}${opening === '`' ? '`' : ')'}`;
    this.#at = end + 1;
  }

  #redirect(char: string): void {
    // The number of a stream before it is no word of the command.
    if (this.#word !== null && /^\d+$/.test(this.#word)) this.#word = null;
    this.#endWord();
    const [mark = ''] = /^(?:<<<|<<-?|<>|<&|<|>>|>&|>\||>)/.exec(this.#text.slice(this.#at, this.#at + 3)) ?? [char];
    this.#at += mark.length;
    if (mark === '<<' || mark === '<<-') this.#heredoc();
    else this.#target = mark === '<<<' ? 'stdin' : mark.startsWith('<') ? 'reads' : 'writes';
  }

  #heredoc(): void {
    const [match = '', word = ''] = /^[ \t]*(\S+)/.exec(this.#text.slice(this.#at, this.#at + 200)) ?? [];
    this.#at += match.length;
    this.#heredocs.push({ end: word.replaceAll(/["'\\;]/g, ''), command: this.#now });
  }

  #operator(char: string): void {
    this.#endWord();
    if (char === '(' && this.#isPiped && this.#now.words.length === 0) this.#isFed = true;
    const pair = char + (this.#text[this.#at + 1] ?? '');
    const isPipe = char === '|' && pair !== '||';
    // After a pipe the next command may stand on a line of its own.
    const goesOn = char === '\n' && this.#isPiped && this.#now.words.length === 0;
    if (isPipe) this.#endCommand(true);
    else if (!goesOn) this.#endPipeline();
    if (char === ')') this.#isFed = this.#isPiped = false;
    this.#at += pair === '&&' || pair === '||' || pair === ';;' || pair === '|&' ? 2 : 1;
    if (char === '\n') this.#bodies();
    this.#start = this.#at;
    if (!isPipe && !goesOn) this.#pipelineStart = this.#at;
  }

  #bodies(): void {
    for (const { end, command } of this.#heredocs.splice(0)) {
      const from = this.#at;
      while (this.#at < this.#text.length) {
        const lineEnd = this.#lineEnd();
        const line = this.#text.slice(this.#at, lineEnd).trim();
        if (line !== end) command.stdin += this.#text.slice(this.#at, lineEnd + 1);
        this.#at = lineEnd + 1;
        if (line === end) break;
      }
      command.text += this.#text.slice(from - 1, this.#at).trimEnd();
    }
  }

  #endWord(): void {
    if (this.#word === null) return;
    if (this.#target === 'stdin') this.#now.stdin += this.#word;
    else this.#now[this.#target].push(this.#word);
    this.#word = null;
    this.#target = 'words';
  }

  #endCommand(isPipe: boolean): void {
    this.#endWord();
    const command = this.#now;
    command.text = this.#text.slice(this.#start, this.#at).trim();
    command.isPiped = this.#isPiped;
    if (command.words.length + command.writes.length + command.reads.length > 0) {
      this.#found.push(command);
      this.#pipeline.push(command);
    }
    this.#found.push(...command.nested);
    const [first = ''] = command.words;
    if (CLOSES.test(first)) this.#isFed = false;
    else if (command.isPiped && OPENS.test(first)) this.#isFed = true;
    this.#now = empty();
    this.#isPiped = isPipe || this.#isFed;
  }

  #endPipeline(): void {
    this.#endCommand(false);
    const whole = this.#text.slice(this.#pipelineStart, this.#at).trim();
    const commands = this.#pipeline.splice(0);
    for (const [at, command] of commands.entries()) {
      command.pipeline = whole;
      command.from = commands.slice(Math.max(0, at - MAX_FROM), at);
    }
  }

  #until(mark: string, from: number): number {
    const at = this.#text.indexOf(mark, from);
    return at === -1 ? this.#text.length : at;
  }

  #lineEnd(): number {
    return this.#until('\n', this.#at);
  }

  #closing(from: number): number {
    let open = 1;
    for (let at = from; at < this.#text.length; at++) {
      if (this.#text[at] === '(') open++;
      if (this.#text[at] === ')' && --open === 0) return at;
    }
    return this.#text.length;
  }
}

function empty(): ShellCommand {
  return { words: [], reads: [], writes: [], stdin: '', text: '', pipeline: '', from: [], isPiped: false, nested: [] };
}
