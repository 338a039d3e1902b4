import type { Core } from '../deps.ts';

/** Where the dashboard is, for people who are sent to a page of it. */
export const baseUrl = ({ config: { host, port } }: Pick<Core, 'config'>): string => `http://${host}:${port}`;
