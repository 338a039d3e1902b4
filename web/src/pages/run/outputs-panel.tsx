import { FileX } from 'lucide-react';
import type { Run } from '#contract/objects.ts';
import { isRunEnded } from '#contract/run-state.ts';
import { Facts } from '../../ui/list.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Result } from '../../ui/result.tsx';
import { CopyButton } from '../../ui/text.tsx';

/** What the run gave: its outputs, and the branch that holds its changes, or that there are none. */
export function OutputsPanel({ run, mayWrite }: { run: Run; mayWrite: boolean }) {
  const outputs = Object.entries(run.outputs ?? {});
  // Only where a change could be expected: a plan that may write no file says nothing of files.
  const isUnchanged = mayWrite && isRunEnded(run.status) && run.commit === null;
  if (outputs.length === 0 && run.commit === null && !isUnchanged) return null;
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
      {isUnchanged && (
        <p role="note" className="mb-3 flex items-center gap-2 rounded-lg bg-warn-soft p-3 text-warn last:mb-0">
          <FileX aria-hidden className="size-4.5 shrink-0" />
          Nothing was changed: the plan may write files, but this run committed none.
        </p>
      )}
      <Facts rows={outputs.map(([name, value]) => [name, <Result key={name} label={`output ${name}`} value={value} />])} />
    </Panel>
  );
}
