/** All scenes whose histories are kept. */
import type { SceneTable } from './scene.ts';
import { AGENT_SCENES, AGENT_SEGMENT_SCENES } from './scenes-agent.ts';
import { BEGINNING_SCENES } from './scenes-beginning.ts';
import { DELEGATION_SCENES } from './scenes-delegation.ts';
import { KIND_SCENES } from './scenes-kinds.ts';
import { LABEL_SCENES } from './scenes-labels.ts';
import { SEGMENT_SCENES } from './scenes-segments.ts';
import { STEERING_SCENES } from './scenes-steering.ts';
import { TOOL_SCENES } from './scenes-tools.ts';

/** Where noop is an activity like any other effect. */
const PLAIN = ['control', 'chain', 'map', 'subplan', 'fan-out'];

export const SCENES: SceneTable[] = [
  {
    env: {},
    acts: {
      ...KIND_SCENES,
      ...STEERING_SCENES,
      ...BEGINNING_SCENES,
      ...DELEGATION_SCENES,
      ...TOOL_SCENES,
      ...LABEL_SCENES,
      ...AGENT_SCENES,
    },
  },
  { env: { GIMO_SHORT_EFFECTS: '0', GIMO_SEGMENT_EVENTS: '60' }, acts: { ...SEGMENT_SCENES, ...AGENT_SEGMENT_SCENES } },
  {
    env: { GIMO_SHORT_EFFECTS: '0' },
    acts: Object.fromEntries(
      Object.entries(KIND_SCENES).flatMap(([scene, act]) => (PLAIN.includes(scene) ? [[`plain-${scene}`, act]] : [])),
    ),
  },
];
