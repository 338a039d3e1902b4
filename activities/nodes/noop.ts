import type { EffectAct } from './act.ts';
import { FREE } from './act.ts';

export const actNoop: EffectAct<'noop'> = async (call) => ({ result: { outcome: 'done', output: call.with.value, ...FREE }, facts: {} });
