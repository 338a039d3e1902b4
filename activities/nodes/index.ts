import type { EffectKind } from '#contract/nodes/index.ts';
import type { EffectAct } from './act.ts';
import { actHttp } from './http.ts';
import { actLlm } from './llm.ts';
import { actMcpTool } from './mcp-tool.ts';
import { actNoop } from './noop.ts';
import { actNotify } from './notify.ts';
import { actPatch } from './patch.ts';
import { actProcess } from './process.ts';

export const EFFECT_ACTS = {
  llm: actLlm,
  process: actProcess,
  patch: actPatch,
  http: actHttp,
  notify: actNotify,
  mcp_tool: actMcpTool,
  noop: actNoop,
} satisfies { [K in EffectKind]: EffectAct<K> };
