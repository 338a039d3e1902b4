import type { Packet } from '#contract/objects.ts';
import { Facts } from '../../ui/list.tsx';
import { Panel } from '../../ui/panel.tsx';
import { JsonBlock } from '../../ui/text.tsx';
import { OpenInputs } from '../approved/open-inputs.tsx';

type Props = { packet: Packet; texts: Record<string, string>; onTexts: (texts: Record<string, string>) => void };

/** What the plan asks for. Whoever approves first gives the values; who agrees later agrees to those. */
export function InputsPanel({ packet, texts, onTexts }: Props) {
  const inputs = Object.entries(packet.plan.inputs);
  if (inputs.length === 0) return null;
  const isBound = packet.approvers.votes.length > 0;
  return (
    <Panel title="Inputs" hint={isBound ? 'Bound by whoever agreed first.' : 'What you give here is bound by your approval.'}>
      {isBound ? (
        <Facts
          rows={Object.entries(packet.inputs).map(([name, value]) => [
            name,
            <JsonBlock key={name} label={`input ${name}`} value={value} />,
          ])}
        />
      ) : (
        <div className="flex flex-col gap-4">
          <OpenInputs inputs={inputs} texts={texts} onTexts={onTexts} before={packet.inputs} />
        </div>
      )}
    </Panel>
  );
}
