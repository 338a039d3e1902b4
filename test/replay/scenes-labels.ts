/** Values of which a person is asked where they come from. */
import { type Act, shell } from './scene.ts';

const TEXT = '${{ nodes.read.output.stdout }}';
const read = shell('read', 'echo it', [], { write: [] });
const post = (host: string): object => ({
  id: 'post',
  kind: 'http',
  needs: ['read'],
  with: { method: 'POST', url: `http://${host}/in`, body: TEXT },
});

/** Yes to private data that leaves, no to a program that text has chosen, and a list of which each item asks. */
const labels: Act = async (t) => {
  const sent = await t.start([read, post(t.host)]);
  await t.answer(await t.gate(sent, 'post'), 'approve');
  const chosen = await t.start([read, { id: 'x', kind: 'process', needs: ['read'], with: { argv: ['sh', '-c', `echo ${TEXT}`] } }]);
  await t.answer(await t.gate(chosen, 'x'), 'reject');
  const each = {
    id: 'm',
    kind: 'map',
    needs: ['read'],
    with: { over: "${{ [nodes.read.output.stdout, 'b'] }}", nodes: [{ ...post(t.host), needs: [] }] },
  };
  const list = await t.start([read, each]);
  await t.answer(await t.gate(list, 'm[1].post'), 'approve');
  await t.answer(await t.gate(list, 'm[0].post'), 'approve');
  return t.end(sent, chosen, list);
};

export const LABEL_SCENES: Record<string, Act> = { labels };
