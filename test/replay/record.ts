/**
 * Records histories of real runs: `npm run replay:record` those that are missing, `npm run replay:record -- NAME…` these anew.
 * What is recorded stays: a history from before a change is what proves that runs under way survive it.
 */
import { fetchRecorded, recordedScenes, writeScene } from './histories.ts';
import { startTools, type Act, type SceneTable, type Tools } from './scene.ts';
import { SCENES } from './scenes.ts';

const asked = process.argv.slice(2);
const known = new Set(recordedScenes());
const isWanted = (scene: string): boolean => (asked.length > 0 ? asked.includes(scene) : !known.has(scene));

for (const table of SCENES) await recordTable(table);

async function recordTable({ env, acts }: SceneTable): Promise<void> {
  const wanted = Object.entries(acts).filter(([scene]) => isWanted(scene));
  if (wanted.length === 0) return;
  const tools = await startTools(env);
  try {
    for (const [scene, act] of wanted) await recordScene(tools, scene, act).catch((error: unknown) => missing(scene, error));
  } finally {
    await tools.close();
  }
}

async function recordScene(tools: Tools, scene: string, act: Act): Promise<void> {
  const ids = await act(tools);
  const place = { client: tools.access.client, dataConverter: tools.dataConverter, dir: tools.dir };
  const workflows = (await Promise.all(ids.map((id) => fetchRecorded(place, id)))).flat();
  writeScene({ scene, workflows });
  console.log(`${scene}: ${workflows.map(({ history }) => history.events.length).join(' + ')} events`);
}

/** The others are recorded all the same. */
function missing(scene: string, error: unknown): void {
  console.error(`${scene}: not recorded`, error);
  process.exitCode = 1;
}
