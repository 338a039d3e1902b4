/** Runs that begin inside of their first task. The scenes of the same acts without `begun-` are from before that was so. */
import type { Act } from './scene.ts';
import { KIND_SCENES } from './scenes-kinds.ts';
import { STEERING_SCENES } from './scenes-steering.ts';

const ACTS = { ...KIND_SCENES, ...STEERING_SCENES };
const BEGUN = ['chain', 'gates', 'queue', 'refused', 'store-killed'];

export const BEGINNING_SCENES: Record<string, Act> = Object.fromEntries(
  Object.entries(ACTS).flatMap(([scene, act]) => (BEGUN.includes(scene) ? [[`begun-${scene}`, act]] : [])),
);
