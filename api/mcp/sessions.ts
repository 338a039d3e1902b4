/**
 * Sessions of clients that speak a revision before 2026-07-28: they may be asked something in mid-call, which needs a connection that
 * is remembered. A session belongs to the credential that opened it, ends when it is idle, and there are only so many.
 */
import { randomUUID } from 'node:crypto';
import { isInitializeRequest, WebStandardStreamableHTTPServerTransport, type AuthInfo, type McpServer } from '@modelcontextprotocol/server';

const MAX_SESSIONS = 400;
const SWEEP_MS = 60_000;
export const SESSION_HEADER = 'mcp-session-id';

type Session = { transport: WebStandardStreamableHTTPServerTransport; server: McpServer; owner: string; usedAt: number };
type Options = {
  /** A session that nobody used for so long has ended. */
  idleMs: number;
};
type Exchange = { request: Request; body: unknown; authInfo: AuthInfo };

export class LegacySessions {
  readonly #sessions = new Map<string, Session>();
  readonly #create: (request: Request) => McpServer;
  readonly #idleMs: number;
  readonly #timer: NodeJS.Timeout;

  constructor(create: (request: Request) => McpServer, { idleMs }: Options) {
    this.#create = create;
    this.#idleMs = idleMs;
    this.#timer = setInterval(() => this.#sweep(), Math.min(idleMs, SWEEP_MS)).unref();
  }

  /** How many are open. */
  get size(): number {
    return this.#sessions.size;
  }

  /** `authInfo.clientId` is the owner. A session of somebody else is as unknown as one that never was. */
  async serve({ request, body, authInfo }: Exchange): Promise<Response> {
    const id = request.headers.get(SESSION_HEADER);
    if (id === null)
      return isInitializeRequest(body)
        ? this.#open({ request, body, authInfo })
        : refuse(400, -32_000, 'Open a session with initialize first.');
    const session = this.#sessions.get(id);
    if (session === undefined || this.#isIdle(session) || session.owner !== authInfo.clientId)
      return refuse(
        404,
        -32_001,
        'There is no such session: nobody used it for too long, or GIMO was started anew. Open one with initialize.',
      );
    session.usedAt = Date.now();
    return session.transport.handleRequest(request, { parsedBody: body, authInfo });
  }

  async #open({ request, body, authInfo }: Exchange): Promise<Response> {
    const server = this.#create(request);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void this.#sessions.set(id, { transport, server, owner: authInfo.clientId, usedAt: Date.now() }),
      onsessionclosed: (id) => void this.#sessions.delete(id),
    });
    await server.connect(transport);
    const response = await transport.handleRequest(request, { parsedBody: body, authInfo });
    this.#sweep();
    return response;
  }

  #isIdle({ usedAt }: Session): boolean {
    return Date.now() - usedAt >= this.#idleMs;
  }

  /** Closes what is idle, and the longest idle of too many. */
  #sweep(): void {
    const oldest = [...this.#sessions].toSorted(([, a], [, b]) => a.usedAt - b.usedAt);
    const tooMany = this.#sessions.size - MAX_SESSIONS;
    for (const [index, [id, session]] of oldest.entries()) {
      if (index >= tooMany && !this.#isIdle(session)) break;
      this.#sessions.delete(id);
      void session.server.close().catch(() => undefined); // it is forgotten already
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.allSettled(all.map(({ server }) => server.close()));
  }
}

function refuse(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}
