/** Who is signed in. Kept in memory only: the credential itself is an HttpOnly cookie that no script can read. */
import { useSyncExternalStore } from 'react';
import type { Role } from '#contract/objects.ts';
import { ROUTES, type RouteId } from '#contract/routes/index.ts';

export type Session = { label: string; role: Role; class: 'human' | 'agent'; name?: string | null; expires_at: string; csrf: string };
/** `ended`: there was a session, and the page with everything typed into it stays behind the sign-in. */
export type SessionState = { is: 'unknown' | 'out' | 'in' | 'ended'; session: Session | null };

let state: SessionState = { is: 'unknown', session: null };
const listeners = new Set<() => void>();

function set(next: SessionState): void {
  state = next;
  for (const listener of listeners) listener();
}

export function signedIn(session: Session): void {
  set({ is: 'in', session });
}

export function signedOut(): void {
  set({ is: 'out', session: null });
}

export function sessionEnded(): void {
  if (state.is === 'in') set({ is: 'ended', session: state.session });
  else if (state.is === 'unknown') signedOut();
}

export function csrfValue(): string | null {
  return state.session?.csrf ?? null;
}

export function useSession(): SessionState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => state,
  );
}

const RANK: Record<Role, number> = { actions: 0, operator: 1, admin: 2 };

/** Null when the session may call that route, else why not. Only a courtesy: the API decides. */
export function useRefusal(id: RouteId): string | null {
  const { session } = useSession();
  const { role, classes } = ROUTES[id];
  if (!session || role === 'public' || role === 'session') return null;
  if (!classes.includes(session.class)) return 'Only a person may do this.';
  return RANK[session.role] >= RANK[role] ? null : `This needs the role ${role}; you are signed in as ${session.role}.`;
}
