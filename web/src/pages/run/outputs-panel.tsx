import type { Run } from '#contract/objects.ts';
import { Facts } from '../../ui/list.tsx';
import { Panel } from '../../ui/panel.tsx';
import { CopyButton, JsonBlock } from '../../ui/text.tsx';

/** What the run gave: its outputs, and the branch that holds its changes. */
export function OutputsPanel({ run }: { run: Run }) {
  const outputs = Object.entries(run.outputs ?? {});
  if (outputs.length === 0 && run.commit === null) return null;
  return (
    <Panel title="Result">
      {run.commit !== null && run.branch !== null && (
        <p className="mb-3">
          The changes are on the branch <span className="code font-semibold">{run.branch}</span> at{' '}
          <span className="code">{run.commit.slice(0, 12)}</span>. Look at them with{' '}
          <span className="code rounded bg-sunken px-1.5 py-0.5">git diff HEAD...{run.branch}</span>
          <CopyButton text={`git diff HEAD...${run.branch}`} label="Copy the command" />
        </p>
      )}
      <Facts rows={outputs.map(([name, value]) => [name, <JsonBlock key={name} label={`output ${name}`} value={value} />])} />
    </Panel>
  );
}
