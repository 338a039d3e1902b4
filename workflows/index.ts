/** The only entry of the workflow bundle. */
export { checkProvider, generatePlan, listTools } from './ask-provider.ts';
export { maintenance } from './maintenance.ts';
export { runGraph } from './run-graph.ts';
