import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './app.css';
import { ApiError } from './api/problem.ts';
import { createAppRouter } from './routes.tsx';
import { SessionGate } from './shell/session-gate.tsx';

const RETRIES = 2;

/** What may work later is tried again; a refusal is shown at once. */
function isWorthRetrying(failures: number, error: unknown): boolean {
  return failures < RETRIES && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500);
}

const queryClient = new QueryClient({ defaultOptions: { queries: { retry: isWorthRetrying, staleTime: 1000 } } });
const router = createAppRouter();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <SessionGate>
          <RouterProvider router={router} />
        </SessionGate>
      </QueryClientProvider>
    </StrictMode>,
  );
}
