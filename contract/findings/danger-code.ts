/** What the program text of an interpreter does, by the names that it uses. Who hides them finds other ways: this is what is written without a second thought. Pure. */

/** Of Python, Node, Perl, Ruby, PHP and the shells. */
const REACHES =
  /\b(?:urlopen|urlretrieve|urllib\d?|requests|httpx|aiohttp|http\.client|HTTPS?Connection|ftplib|smtplib|paramiko|create_connection|socket|asyncio\.open_connection|fetch|axios|got|undici|WebSocket|LWP|HTTP::Tiny|IO::Socket|Net::(?:HTTP|FTP|SMTP)|URI\.open|open-uri|curl_exec|fsockopen|net\.connect)\b|\brequire\(["'`](?:node:)?(?:https?|net|tls|dgram|dns)["'`]\)|\bfrom\s+["'`](?:node:)?(?:https?|net|tls)["'`]|\bhttps?\.(?:get|request)\b|file_get_contents\(\s*["']https?:|\bcurl\s/;
const RUNS_TEXT =
  /(?<![.\w])(?:exec|eval|compile|Function|execfile|runpy|loadstring|assert)\b\s*[("'`)]|\bthen\(\s*eval\b|\beval\s+[$@]|\b(?:runIn(?:This|New)?Context|instance_eval|class_eval|exec_module|module_from_spec|marshal\.loads|pickle\.loads?|yaml\.load)\b|\bvm\.\w+\(|\b_compile\(|\b(?:system|popen|execSync|spawnSync|qx|shell_exec|passthru)\b\s*[({]/;
const IMPORTS_ADDRESS = /\b(?:import|require|importScripts)\s*\(?\s*["'`](?:https?:|data:)|\bfrom\s+["'`]https?:/;
const WRITE_MODE = String.raw`["'][wax]b?\+?["']|["']>`;
const READS_FILE = new RegExp(
  [
    String.raw`\bopen\s*\((?![^()]{0,300}(?:${WRITE_MODE}))`,
    String.raw`\b(?:readFile(?:Sync)?|createReadStream|read_text|read_bytes|file_get_contents\(\s*(?!["']https?:)|os\.walk|readdir(?:Sync)?|listdir|scandir|glob|File\.(?:read|open)|IO\.read|slurp|read_file|Bun\.file)\b`,
    '`[^`]{0,300}(?:cat|git|tar|ls)\\s',
    String.raw`\b(?:check_output|execSync|subprocess)\b`,
  ].join('|'),
);
const DELETES =
  /\bos\.(?:remove|unlink|rmdir|removedirs)\b|\.unlink\s*\(|\bunlink(?:Sync)?\b|\brm(?:Sync)?\s*\(|\bFile\.(?:delete|unlink)\b|\btruncate(?:Sync)?\s*\(/;
const MANY =
  /\b(?:for(?:each)?|while|map|glob|readdir(?:Sync)?|listdir|scandir|walk|iterdir|rglob|Dir|find)\b|<[^<>*\n]{0,200}\*[^<>\n]{0,200}>/i;
const DELETES_TREES = /\brmtree\(|\brm(?:Sync)?\([^)]{0,300}recursive|\bFileUtils\.rm_r|\bremove_tree\b|\brimraf\b|\bshutil\.move\(/;

/** What it runs came from a host. */
export const runsFetchedCode = (code: string): boolean => IMPORTS_ADDRESS.test(code) || (REACHES.test(code) && RUNS_TEXT.test(code));
/** It opens a file and has a way to a host. */
export const sendsFilesByCode = (code: string): boolean => REACHES.test(code) && READS_FILE.test(code);
export const deletesByCode = (code: string): boolean => DELETES_TREES.test(code) || (DELETES.test(code) && MANY.test(code));
