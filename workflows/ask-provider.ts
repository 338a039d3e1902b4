import type { GenerateInput, GenerateResult, ProviderCheck } from '#contract/messages.ts';
import type { McpServerConfig, McpTool } from '#contract/mcp-servers.ts';
import { asking } from './activities.ts';

/** Provider calls are made by the worker only, because only it may resolve keys. */
export function generatePlan(input: GenerateInput): Promise<GenerateResult> {
  return asking.generatePlan(input);
}

export function checkProvider(input: { name: string | null }): Promise<ProviderCheck> {
  return asking.checkProvider(input);
}

/** Only the worker has the fence that servers run in, and the secrets of those elsewhere. */
export function listTools(input: { server: McpServerConfig }): Promise<McpTool[]> {
  return asking.listTools(input);
}
