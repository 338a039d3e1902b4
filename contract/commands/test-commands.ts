/** Commands of which a text that nobody approved is a part. */
import type { Command } from './reading.ts';

/** Such a text. */
export const X = '${{ nodes.web.output.body }}';

/** Words of a line, where X is such a text. */
export const line = (text: string): string[] => text.split(' ').map((word) => word.replaceAll('X', X));

const lines = (text: string): string[] => text.trim().split(/ \| |\n/);

/** Lines in which it says what is run. */
export const ASKING = lines(`
X | X -la | ./X | sh -c X | sh -ec X | sh -c -e X | bash -euo pipefail -c X | bash +e -c X | /bin/bash --norc -c X
bash --rcfile X | sh X | sh -e X | fish --command X | zsh -o extendedglob -c X | python3 -c X | python3.11 -uc X
/usr/bin/python3 -cX | python3 -X dev X | python3 -m X | python3 X | python3 --unheard X y | node -e X | node -p X
node -pe X | node --eval=X | node --print X | node --import X main.js | node --require=X main.js | node -r X main.js
node --max-old-space-size=64 X | tsx -e X | deno eval X | deno run X | bun -e X | perl -e X | perl -ne X file
perl -lane X | perl -MX main.pl | perl -eX | perl -ne print X | ruby -e X | ruby -rX main.rb | php -r X | lua5.4 -e X
Rscript -e X | awk X | awk X file | gawk -F : X file | mawk -v a=1 -f X | gawk --source X | awk -f X file | sed X
sed -e X file | sed -n file -e X | sed --expression=X file | sed -f X file | busybox sh -c X | busybox awk X
toybox sed X | env sh -c X | env -i A=b sh -c X | env -S X | env -vS X | env --split-string=X | env -S sh -c X
env -C X make | env -u A X | env PATH=X make | env LD_PRELOAD=X ls | env A=b X | nice sh -c X | nice -n 5 sh -c X
ionice -c 3 sh -c X | chrt -b 0 sh -c X | timeout 5 sh -c X | timeout -k 1 -s KILL 5 sh -c X
timeout --unheard 5 sh -c X | timeout 5 X | setsid -w sh -c X | nohup sh -c X | stdbuf -oL sh -c X | time -f %e sh -c X
xargs sh -c X | xargs -n 1 X | find . -exec sh -c X ; | find . -name a -execdir X ; | find . -ok X +
sudo -u nobody sh -c X | doas sh -c X | su nobody -c X | runuser -u nobody -- X | flock lock -c X | flock lock sh -c X
unshare -r sh -c X | nsenter -t 1 -a sh -c X | chroot dir sh -c X | script -c X file | watch X | watch -n 1 ls X
parallel X | strace -f sh -c X | npx X | npx -c X | npx tsx -e X | npm exec X | npm exec -c X | pnpm dlx X | yarn dlx X
git -c X log | git -C X status | git --git-dir=X log | git X | git --exec-path=X log | git config core.pager X
git submodule foreach X | git bisect run X | git rebase -x X | git rebase --exec=X main | git grep -OX word
git ls-remote --upload-pack=X . | git fetch --upload-pack X origin | git clone --config X a b | git log --X
tar --to-command=X -xf a.tar | tar -I X -xf a.tar | sort --compress-program=X file | split --filter=X file
rsync -e X a b | make X | make A=X | make -f X | ninja X | sqlite3 a.db X | psql -c X | ed X | vim -c X file
ssh host X | docker run image sh -c X | unheard sh -c X | unheard --exec X
sh - X | gtimeout 5 X | env - X | env -S python3'-c' X | git rebase -ix X | tar -xfI a X | find . -exec sh + -c X ;
node inspect X | tsx watch X | python3 -m timeit X | python3 -m pip install X | perl -e while(<>){} X | sed -i  X file
xargs -I X sh -c a | sh X -c a | git X core.pager a | fd -x X | fd -x sh -c X | gcc -fplugin=X a.c | command X | bwrap X | pdflatex X | unheard -- bash -c X | tool --command=X
tar cfI a.tgz X a.txt | tar cIf X a.tgz a.txt | tar --use-comp=X -xf a.tar | tar --checkpoint-a=exec=X -cf a.tar b | split --filt=X a
sort --compress=X a | choom -n 1000 -- X | choom -n 1 sh -c X | uclampset -m 1 X | numactl -i all X | wget --use-askpass=X u | rustc -C linker=X a.rs
fzf --preview X | openssl speed -engine X | gcc @X | gs -c X | redis-cli eval X | eslint -c X . | pytest -p X | mocha -r X a.js | vitest --config X
ld-linux-x86-64.so.2 --preload X ls | apt-get -o X update | env PYTEST_ADDOPTS=X pytest | env JAVA_OPTS=X java | gawk --sour=X | tool --config=X
`);

/** Commands whose input it is, and that run their input. */
export const ASKING_INPUT = lines(`
sh | sh - | sh -s | sh -s a b | sh -e | bash -i | sh /dev/stdin | bash /proc/self/fd/0 | env sh | env -i A=b sh
nice bash | timeout 5 sh | setsid -w sh | busybox sh | sudo sh | sudo -s | flock lock sh | unshare -r | python3
python3 - | python3 -i main.py | python3 /dev/stdin | node | node - | node --input-type=module
node --input-type=module - | perl | perl -w | ruby - | php | lua - | awk -f - | sed -f - file | sed -f /dev/stdin file
make -f - | make --file=/dev/stdin | xargs sh -c | xargs sh | xargs -I{} sh -c {} | xargs -I {} sh -c echo-{}
xargs -n 1 env | xargs python3 -c | xargs sed -n p | xargs node | find . -exec sh ; | sqlite3 a.db | psql | ed file
parallel | at now | ssh host | docker exec -i c sh | unheard sh
`);

/** What a plan is told to write instead, and what is harmless: argument vector, and where the text goes. */
export const QUIET: [string, Command][] = [
  ['a parameter of a shell text', { argv: ['sh', '-c', 'printf %s "$1"', 'sh', X] }],
  ['an option-like parameter of one', { argv: ['sh', '-c', 'printf %s "$1"', 'sh', `--title=${X}`] }],
  ['a parameter of another interpreter', { argv: ['python3', '-c', 'import sys; print(sys.argv)', X, `--a=${X}`] }],
  ['a parameter of node', { argv: ['node', '-e', 'console.log(process.argv)', X] }],
  ['a variable', { argv: ['sh', '-c', 'printf %s "$TITLE"'], env: { TITLE: X, TEXT: X, GIT_AUTHOR_NAME: X, path: X } }],
  ['a variable that env sets', { argv: ['env', `TITLE=${X}`, 'sh', '-c', 'printf %s "$TITLE"'] }],
  ['an argument of a script', { argv: ['python3', 'tools/x.py', X] }],
  ['an argument of a script behind options', { argv: ['python3', '-u', '-W', 'ignore', 'tools/x.py', X] }],
  ['an argument of a shell script', { argv: ['sh', '-eu', 'tools/x.sh', X] }],
  ['the input of a script', { argv: ['python3', 'tools/x.py'], stdin: X }],
  ['the input of a shell text', { argv: ['sh', '-c', 'cat'], stdin: X }],
  ['the input of a text for node', { argv: ['node', '-e', 'process.stdin.pipe(process.stdout)'], stdin: X }],
  ['the input of cat', { argv: ['cat'], stdin: X }],
  ['the input of wc', { argv: ['wc', '-l'], stdin: X }],
  ['the input of jq', { argv: ['jq', '.a'], stdin: X }],
  ['the input of awk', { argv: ['awk', '{ print $1 }'], stdin: X }],
  ['the input of sed', { argv: ['sed', '-n', 's/a/b/p'], stdin: X }],
  ['the input of git', { argv: ['git', 'apply', '-'], stdin: X }],
  ['words of the input of a plain program', { argv: ['xargs', '-d', '\\n', 'cat', '--'], stdin: X }],
  ['words of the input of a shell text', { argv: ['xargs', 'sh', '-c', 'printf %s "$@"', 'sh'], stdin: X }],
  ['what is looked for', { argv: ['grep', '-F', '--', X, 'file'] }],
  ['what is looked for among words that are programs', { argv: ['grep', '-rF', 'sh', X] }],
  ['what is said', { argv: ['echo', 'python', X] }],
  ['a file', { argv: ['cat', `docs/${X}.txt`] }],
  ['a file that is found', { argv: ['find', X, '-name', X, '-exec', 'cat', '{}', ';'] }],
  ['an argument of git', { argv: ['git', 'log', '--grep', X] }],
  ['a message of git', { argv: ['git', '--no-pager', 'commit', '-m', X] }],
  ['a number of git', { argv: ['git', 'log', `-n${X}`, `--author=${X}`, `-S${X}`] }],
  ['a value of awk', { argv: ['awk', '-v', `a=${X}`, '-F', X, '{ print a }', X] }],
  ['a file of sed', { argv: ['sed', '-n', '-e', '1,5p', X] }],
  ['an argument behind what starts a program', { argv: ['timeout', '5', 'nice', '-n', '5', 'cat', X] }],
  ['an argument behind a variable', { argv: ['env', '-i', 'A=b', 'grep', '-F', '--', X] }],
  ['an argument of what nobody knows', { argv: ['tools/publish', '--title', X, `--body=${X}`, X] }],
  ['a name of a language', { argv: ['shellcheck', '-s', 'sh', '-'], stdin: X }],
  ['a name of a language to a program nobody knows', { argv: ['tools/format', '--lang', 'python', X], stdin: X }],
];

/** What starts another program. */
export const WRAPPING = [
  'env',
  'env -i A=b',
  'nice',
  'nice -n 5',
  'ionice -c 3',
  'chrt -b 0',
  'timeout 5',
  'timeout -k 1 --foreground 5s',
  'setsid -w',
  'nohup',
  'stdbuf -oL -eL',
  'time -p',
  'busybox',
  'sudo -u nobody',
  'doas -u nobody',
  'flock lock',
  'unshare -r -n',
  'strace -f -o log',
  'npx',
  'xargs -0',
  'find . -exec',
  'taskset 1',
];
