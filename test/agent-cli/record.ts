/** `npm run test:agent-cli`: a real agent program drives a whole instance; what it did is kept in test/recorded for `npm test`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startStack } from '../helpers/stack.ts';
import { GEMINI_CLI, installGeminiCli, runGeminiCli } from './gemini-cli.ts';
import { startScriptedModel } from './scripted-model.ts';
import { actAsPeople, answerIn, masked, RECORDED, type Transcript } from './transcript.ts';

const TASK = 'Have GIMO add 20 and 22, and tell me the answer.';

console.log(`… ${GEMINI_CLI.name} ${GEMINI_CLI.version}`);
await installGeminiCli();
const stack = await startStack();
const steps: Transcript['steps'] = [];
const model = await startScriptedModel(async (last) => {
  const answer = answerIn(last.said);
  const person = await actAsPeople(stack, last);
  steps.push({ tool: last.tool, arguments: JSON.parse(masked(JSON.stringify(last.arguments))), answer, person });
  console.log(`${last.tool}: ${answer.slice(0, 100)}${person === null ? '' : `\n  a person ${person}`}`);
});
let exitCode = 1;
try {
  const said = await runGeminiCli({ url: stack.url, token: stack.tokens.admin, modelUrl: model.url, task: TASK });
  console.log(said);
  const program = `${GEMINI_CLI.name} ${GEMINI_CLI.version}`;
  const transcript: Transcript = { program, task: TASK, steps, said };
  if (!said.includes('the answer is 42') || steps.length < 6)
    throw new Error('The agent did not come to the answer; nothing was recorded.');
  mkdirSync(path.dirname(RECORDED), { recursive: true });
  writeFileSync(RECORDED, `${JSON.stringify(transcript, null, 2)}\n`);
  exitCode = 0;
} finally {
  await Promise.all([model.close(), stack.close()]);
}
console.log(exitCode === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed');
process.exit(exitCode);
