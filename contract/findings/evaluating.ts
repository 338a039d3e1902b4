/**
 * How a program text runs a value as code. Who hides it finds other ways: this is for what is written without a second thought. What may repeat in
 * a rule is bounded, so that a long text takes no longer than its length. Pure.
 */
const SHELL = String.raw`(?:[^\s;&|<>()]{0,100}\/)?(?:sh|bash|dash|zsh|ksh)`;
const ENGINE = String.raw`(?:[^\s;&|<>()]{0,100}\/)?(?:sh|bash|dash|zsh|ksh|python[\d.]*|node|perl|ruby|php)`;

const ANY_TEXT = [
  /\beval\b/,
  /(?<![.\w])(?:exec|Function)\s*\(|\b(?:system|popen|execSync)\s*\(|\bchild_process\b|\bsubprocess\b/,
  // A module by a name that is not written there, and data that may hold code.
  /\bimport_module\s*\(|\b__import__\s*\(|\brequire\s*\(\s*(?!["'`])\S|(?<!\.)\bimport\s*\(\s*(?!["'`])\S|\b(?:pickle|marshal)\.loads?\b|\bvm\.run/,
  /(?:^|[\s;&|(])(?:\.|source)\s+["']?(?:\/dev\/(?:stdin|fd\/)|\/proc\/|\$|<\()/,
  new RegExp(String.raw`\|\s*(?:(?:sudo|env|exec)\s+)?${ENGINE}(?:\s+-s?)?\s*(?:$|[;&|)\n])`),
  new RegExp(String.raw`\b${SHELL}\s+(?:-\w+\s+)*-\w*s\b|\b${SHELL}\s*<<<|\bxargs\b[^|;\n]{0,200}\s${SHELL}\b`),
  new RegExp(String.raw`\b${ENGINE}\s+(?:-\w+\s+)*-\w*[ce]\s+["']?\$`),
];

const IN_SHELL = [
  // A variable where the name of a program stands, also behind what starts one.
  /(?:^|[;&|\n(]|\b(?:then|do|else|exec|command)\s)[ \t]*(?:(?:nice|nohup|timeout|env|time|setsid|stdbuf|sudo|xargs|busybox)\s+(?:[-+\d]\S*\s+)*)*"?\$(?:\{?[A-Za-z_]\w*|\{?[@*\d])/,
  // Arithmetic evaluates what it is given, subscripts with commands in them included.
  /\[\[[^\]]{0,200}\s-(?:eq|ne|lt|le|gt|ge)\s[^\]]{0,200}|\(\([^)]{0,200}\$[A-Za-z_\d{@*]|\blet\s+["']?\w|\b(?:declare|typeset|local)\s+-\w*i/,
  /\$\{\w{1,100}:\s{0,9}[^}=?+-][^}]{0,100}|\$\{[^}]{0,100}@[PEKA]\}|\$\{!\w/,
  /\btrap\s+["']?\$/,
];
const IN_AWK = [/\|&?\s*getline\b/, /\bprintf?\b[^|\n]{0,200}\|&?\s*(?!["])\S/, /\bgetline\s*<\s*\$/];
/** Its command `e` runs a line. */
const IN_SED = [
  /(?:^|[;\n{])\s{0,9}(?:[\d$,]{0,20}|\/[^/]{0,200}\/)\s{0,9}e\s{0,9}(?:$|[;\n}])/,
  /s([/|,#])(?:(?!\1).){0,200}\1(?:(?!\1).){0,200}\1[a-zA-Z\d]{0,20}e/,
];

const IS_SHELL = new RegExp(`^${SHELL}$`);
const IS_AWK = /(?:^|\/)(?:[gmn]|original-)?awk$/;
const IS_SED = /(?:^|\/)g?sed$/;

/** In: the text, and the words of the command that holds it. Out: the places at which it may run a value. */
export function evaluations(text: string, argv: readonly string[]): string[] {
  const rules = [
    ...ANY_TEXT,
    ...(argv.some((word) => IS_SHELL.test(word)) ? IN_SHELL : []),
    ...(argv.some((word) => IS_AWK.test(word)) ? IN_AWK : []),
    ...(argv.some((word) => IS_SED.test(word)) ? IN_SED : []),
  ];
  const line = text.replaceAll('\\\n', ' ');
  return rules.flatMap((rule) => rule.exec(line)?.[0].trim() ?? []);
}
