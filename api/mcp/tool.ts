/** What a tool is: its words, its schemas, its hints, and what it does with the API. */
import type { CallToolResult, InputRequiredResult, ResourceLink, ServerContext } from '@modelcontextprotocol/server';
import type { z } from '#contract/zod.ts';
import type { Backend } from './backend.ts';
import type { ClientFeatures } from './client-features.ts';
import type { Questions } from './questions.ts';

export const TOOLSETS = ['plans', 'runs', 'decisions', 'insight', 'operations'] as const;
export type Toolset = (typeof TOOLSETS)[number];

export type ToolCall = {
  backend: Backend;
  ctx: ServerContext;
  /** What the client said that it can do. */
  features: ClientFeatures;
  questions: Questions;
};

/** `data` fits the tool's output schema. `links` are the values that are too big for it. `task`: the call goes on as a task. */
export type ToolAnswer = { data: Record<string, unknown>; links?: ResourceLink[]; task?: Record<string, unknown> };

export type Hints = { readOnly: boolean; destructive: boolean; idempotent: boolean; openWorld: boolean };

/** Reads, and changes nothing. */
export const READS: Hints = { readOnly: true, destructive: false, idempotent: true, openWorld: false };
/** Adds something; what was there stays. */
export const ADDS: Hints = { readOnly: false, destructive: false, idempotent: false, openWorld: false };

type Spec<I extends z.ZodObject, O extends z.ZodObject> = {
  name: string;
  title: string;
  toolset: Toolset;
  description: string;
  input: I;
  output: O;
  hints: Hints;
  run: (call: ToolCall, args: z.output<I>) => Promise<ToolAnswer | InputRequiredResult>;
};

export type Tool = Spec<z.ZodObject, z.ZodObject>;

/** Checks a tool's parts against each other; the schemas are checked again by the SDK at each call. */
export function defineTool<I extends z.ZodObject, O extends z.ZodObject>(spec: Spec<I, O>): Tool {
  return { ...spec, run: (call, args) => spec.run(call, args as z.output<I>) };
}

export function toResult({ data, links = [], task }: ToolAnswer): CallToolResult {
  const text = { type: 'text', text: JSON.stringify(data) } as const;
  return { content: [text, ...links], structuredContent: data, ...task };
}
