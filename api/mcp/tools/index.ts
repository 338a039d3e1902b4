import type { Tool } from '../tool.ts';
import { decisionTools } from './decisions.ts';
import { insightTools } from './insight.ts';
import { operationTools } from './operations.ts';
import { planTools } from './plans.ts';
import { runTools } from './runs.ts';

/** Every tool, in the order in which clients list them. */
export const TOOLS: readonly Tool[] = [...planTools, ...decisionTools, ...runTools, ...insightTools, ...operationTools];
