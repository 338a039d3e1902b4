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

/** Labels stay with the error of an item and with numbers; nodes that such text wrote say so when they ask for more. */
const lasting: Act = async (t) => {
  const fails = shell('c', 'echo it >&2; exit 3', [], { write: [] });
  const list = { id: 'read', kind: 'map', with: { over: [1], on_item_error: 'collect', nodes: [fails] } };
  const said = { method: 'POST', url: `http://${t.host}/in`, body: '${{ nodes.read.output[0].error.message }}' };
  const sent = await t.start([list, { ...post(t.host), with: said }]);
  await t.answer(await t.gate(sent, 'post'), 'approve');
  const numbers = shell('n', 'echo [1,2]', [], { write: [], parse: 'json' });
  const count = {
    id: 'l',
    kind: 'loop',
    needs: ['n'],
    with: { while: 'index < nodes.n.output.json[1]', max: 5, nodes: [{ id: 'k', kind: 'transform', with: { expr: 'index' } }] },
  };
  const x = { id: 'x', kind: 'process', needs: ['l'], with: { argv: ['sh', '-c', 'echo ${{ nodes.l.output }}'] } };
  const chosen = await t.start([numbers, count, x]);
  await t.answer(await t.gate(chosen, 'x'), 'reject');
  const writes = shell('w', `echo '[{"id":"a","kind":"process","with":{"argv":["echo","more"]}}]'`, [], { write: [], parse: 'json' });
  const grows = await t.start([writes, { id: 's', kind: 'subplan', needs: ['w'], with: { from: 'nodes.w.output.json' } }], {
    envelope: { kinds: ['process', 'subplan'], max_nodes: 9 },
  });
  await t.answer(await t.gate(grows, 's'), 'approve');
  return t.end(sent, chosen, grows);
};

export const LABEL_SCENES: Record<string, Act> = { labels, 'labels-last': lasting };
