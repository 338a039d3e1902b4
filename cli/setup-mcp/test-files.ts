/** Settings files as people have them, for the tests: a name and the text. `KEY` stands for the key of the servers. */
import type { Format } from './client.ts';

const JSON_FILES: [string, string][] = [
  ['comments', '{\n  // mine\n  "KEY": {\n    "other": { "command": "x" } /* keep */\n  },\n  "last": [1,    2], // keep\n}\n'],
  ['a comment below', '{\n  "KEY": {\n    "other": {}, // keep\n    // "old": {} keep\n  }\n}\n'],
  ['an empty key', '{\n  "KEY": {},\n  "b": 1\n}\n'],
  ['a comment in an empty key', '{\n  "KEY": {\n    // keep\n  }\n}\n'],
  ['tabs and CRLF', '{\r\n\t"a": 1,\r\n\t"mcpServers": {\r\n\t\t"other": {}\r\n\t}\r\n}\r\n'],
  ['a byte order mark', '\uFEFF{\n    "a": "ü"\n}\n'],
  ['one line without an end', '{"a":1}'],
  ['an empty object', '{}'],
  ['an older entry of ours', '{\n  "a": 1\n}\n'],
];
const TOML_FILES: [string, string][] = [
  ['comments', '# mine\nmodel = "x" # keep\n\n[mcp_servers.other]\ncommand = "y"\n'],
  ['CRLF', 'a = 1\r\n[b]\r\nc = 2\r\n'],
  ['no line end', 'a = 1'],
  ['a byte order mark', '\uFEFFa = 1\n'],
];

const yamlFiles = (key: string, one: string): [string, string][] => [
  ['comments', `# mine\nmodel: x # keep\n${key}:\n    # keep\n${one} # keep\n\n# keep\nlast: 1\n`],
  ['an entry at the end', `a: 1\n${key}:\n${one}\n`],
  ['entries without indentation and no line end', `${key}:\n${one.trimStart().replaceAll('\n    ', '\n')}`],
  ['a key without entries', `${key}:\nb: 2\n`],
  ['CRLF', `a: 1\r\n${key}:\r\n${one.replaceAll('\n', '\r\n')}\r\nz: 1\r\n`],
  ['a text of many lines', `${key}:\n${one}\n      text: |\n        one\n\n        two\n\nz: 1\n`],
  ['a byte order mark', '\uFEFFa: 1\n'],
  ['no entries', 'a: 1\n'],
  ['nothing in it', '# mine\n'],
];
export const FILES: Record<Format, (key: string) => [string, string][]> = {
  json: (key) => JSON_FILES.map(([what, text]): [string, string] => [what, text.replaceAll('KEY', key)]),
  toml: () => TOML_FILES,
  yaml: (key) => yamlFiles(key, '    other:\n      cmd: x').filter(([what]) => !what.startsWith('entries without')),
  'yaml-list': (key) => yamlFiles(key, '    - name: other\n      command: x'),
};
