import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { Failure, Empty } from '../ui/panel.tsx';

export function Crash({ error }: { error: unknown }) {
  return <Failure error={error} onRetry={() => window.location.reload()} />;
}

export function Missing() {
  return (
    <Empty icon={Compass} title="There is no such page">
      <Link to="/plans" search={{}} className="text-accent underline">
        Go to the plans
      </Link>
    </Empty>
  );
}
