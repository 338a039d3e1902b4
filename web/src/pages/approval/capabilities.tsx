import { meaningOf, type Capability } from '#contract/capability.ts';
import { Untrusted } from '../../ui/text.tsx';

/** What the plan may touch, in full: a command is shown whole, whatever its length. */
export function Capabilities({ capabilities }: { capabilities: readonly Capability[] }) {
  if (capabilities.length === 0)
    return <p className="text-muted">It asks for nothing outside of itself: no command, file, host or model.</p>;
  return (
    <table className="w-full text-left text-[0.93rem]">
      <thead className="text-[0.85rem] text-muted">
        <tr className="border-b border-line [&>th]:py-1.5 [&>th]:pr-4 [&>th]:font-medium">
          <th scope="col">May</th>
          <th scope="col">What exactly</th>
          <th scope="col" className="hidden whitespace-nowrap sm:table-cell">
            Asked by
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {capabilities.map((item) => (
          <tr key={`${item.type} ${item.value}`} className="align-top [&>td]:py-2 [&>td]:pr-4">
            <td className="font-medium whitespace-nowrap">
              <Untrusted text={item.type} />
            </td>
            <td className="code w-full whitespace-pre-wrap">
              <Untrusted text={item.value} />
              {meaningOf(item) !== null && <span className="font-sans text-muted"> {meaningOf(item)}</span>}
              {item.now !== undefined && (
                <span className="text-muted">
                  {' '}
                  (now <Untrusted text={item.now} />)
                </span>
              )}
              <div className="text-muted sm:hidden">{item.nodes.join(', ')}</div>
            </td>
            <td className="code hidden min-w-44 text-muted sm:table-cell">{item.nodes.join(', ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
