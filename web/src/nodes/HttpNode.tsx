import { Globe } from 'lucide-react';
import { defineView } from './view.ts';

export const httpNode = defineView<'http'>({
  label: 'Request',
  icon: Globe,
  summary: ({ method, url }) => `${method ?? 'GET'} ${url ?? ''}`,
  fields: ({ method, url, headers, secret_headers, body, allow_status, max_bytes, idempotent }) => ({
    method,
    url,
    headers,
    'headers with secrets': secret_headers,
    body,
    'error statuses that are answers': allow_status,
    'answer at most (bytes)': max_bytes,
    'safe to send again': idempotent,
  }),
});
