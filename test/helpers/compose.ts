/** docker-compose.yml as data. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export const ROOT = path.resolve(import.meta.dirname, '../..');
/** Services of this image are parts of GIMO. */
export const IMAGE_MARK = 'gimo:local';

export type Service = {
  image?: string;
  command?: string[];
  environment?: Record<string, string | number>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[] };
  volumes?: string[];
  ports?: string[];
};
export type Compose = { services: Record<string, Service> };

export function readText(name: string): string {
  return readFileSync(path.join(ROOT, name), 'utf8');
}

export function readCompose(): Compose {
  return parse(readText('docker-compose.yml'), { merge: true }) as Compose;
}
