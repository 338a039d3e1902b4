/** The server that the conformance suite measures: its fixed tools, behind the same door as GIMO's. */
import { McpServer } from '@modelcontextprotocol/server';
import { TASKS_EXTENSION } from '#api/mcp/client-features.ts';
import type { McpHost } from '#api/mcp/host.ts';
import { addAskingTools } from './asking-tools.ts';
import { addContent } from './content.ts';
import { addRounds, verifyState } from './rounds.ts';
import { addTaskJobs } from './task-jobs.ts';
import { addTools } from './tools.ts';

const FIXED = { listChanged: false };

export function createFixtureServer(host: McpHost): McpServer {
  const server = new McpServer(
    { name: 'conformance-fixtures', version: '1.0.0' },
    {
      capabilities: { logging: {}, completions: {}, tools: FIXED, resources: FIXED, prompts: FIXED, extensions: { [TASKS_EXTENSION]: {} } },
      requestState: { verify: verifyState },
    },
  );
  addTools(server);
  addRounds(server);
  addAskingTools(server);
  addContent(server);
  addTaskJobs(server, host);
  return server;
}
