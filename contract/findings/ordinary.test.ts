import { describe, expect, it } from 'vitest';
import { commandOf, find, highOf, run } from './test-danger.ts';

const EVERYDAY = `
npm ci
npm install --no-audit
npm run build -- --mode production
npm test
npx eslint .
npx tsc --noEmit
npx prettier --write src/a.ts
pnpm install --frozen-lockfile
yarn install --immutable
npm create --help
pip install -r requirements.txt
pip install --index-url https://mirror.example/simple -r requirements.txt
python3 -m pip install -e .
python3 -m pytest -q tests
python3 -m venv .venv
uv sync
uv run pytest
poetry install
pytest -x tests/test_a.py
cargo build --release
cargo test
go test ./...
go build -o bin/app ./cmd/app
go run ./cmd/app
docker build -t app .
docker run --rm app
make test
make -C docs html
cmake --build build
./gradlew build
mvn -q verify
curl -fsS https://health.example/health
curl -fsSL -o data.json https://data.example/data.json
curl -sS -H 'Accept: application/json' 'https://api.example/items?page=2' | jq '.items[].name'
curl -fsS https://health.example/$(git rev-parse HEAD)
curl -so out-$(date +%F).json https://data.example/a
curl --fail --max-time 5 --url https://health.example
wget -q https://data.example/data.tar.gz
wget -q https://data.example/data.tar.gz && tar xzf data.tar.gz && ls data
git clone --depth 1 https://git.example/x.git && ls x
git fetch origin && git log origin/main -5
openssl s_client -connect x.example:443 </dev/null
gh pr view 12 --json title
aws s3 cp s3://bucket/data.csv data.csv
rsync -a src/ out/
sed -i s/a/b/ src/a.ts
git reset HEAD src/a.ts
git checkout -b topic
git stash list
rm -f a.log
cp src/a.ts src/b.ts
mkdir -p out && cp README.md out/ && tar czf out.tgz out
printf '#!/bin/sh\\necho hi\\n' > hi.sh && chmod +x hi.sh && ./hi.sh
cat > a.py <<'EOF'\nprint(1)\nEOF\npython3 a.py
tar xf vendor.tar.gz && make
for f in src/*.ts; do wc -l "$f"; done
git ls-files | while read -r f; do grep -c TODO "$f"; done
find . -name '*.ts' -exec grep -l TODO {} +
x=$(cat VERSION); echo "$x"
v=$(git describe); make VERSION="$v"
node -e 'fetch("https://data.example/a").then(r => r.json()).then(d => console.log(d.length))'
node -e 'console.log(JSON.parse(require("fs").readFileSync("package.json")).version)'
python3 -c 'import urllib.request as u; open("a.json", "wb").write(u.urlopen("https://data.example/a").read())'
python3 -c 'import subprocess; print(subprocess.run(["git", "log"]).stdout)'
python3 -c 'import re, sys; print(re.compile("a").findall(sys.stdin.read()))'
npm run build > build.log && node dist/main.js
deno test
deno run main.ts
bun test
bun install
terraform plan
kubectl get pods
psql -c 'select 1'
`
  .trim()
  .split('\n')
  .map((line) => line.replaceAll('\\n', '\n'));

const PLAIN = EVERYDAY.filter((line) => !/['"$|&;<>]/.test(line));

describe('what is done every day', () => {
  it.each(PLAIN)('%s is of no high risk as a command', (line) => {
    expect(highOf(find([run(line.split(' '))]))).toEqual([]);
  });

  it.each(EVERYDAY)('%s is of no high risk', (line) => {
    expect(highOf(find([run(commandOf(line))]))).toEqual([]);
  });

  it.each(EVERYDAY)('%s can reach a host without alarm', (line) => {
    expect(highOf(find([run(commandOf(line), { hosts: ['x.example'], write: ['out'] })]))).toEqual([]);
  });
});
