import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RESOURCES, RESOURCE_TEMPLATES } from './resources.ts';
import { TOOLSETS } from './tool.ts';
import { TOOLS } from './tools/index.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/mcp.md'), 'utf8');

function toolLines(): string[] {
  return TOOLSETS.flatMap((toolset) => {
    const tools = TOOLS.filter((tool) => tool.toolset === toolset);
    const rows = tools.map(({ name, description, hints }) => `- \`${name}\` (${hints.readOnly ? 'reads' : 'writes'}): ${description}`);
    return ['', `Toolset \`${toolset}\`:`, '', ...rows];
  });
}

describe('docs/mcp.md', () => {
  it('lists the tools as they are', () => {
    const [, listed = ''] = /<!-- tools:.*-->\n([\s\S]*)\n<!-- \/tools -->/.exec(page) ?? [];
    expect(listed.split('\n')).toEqual([...toolLines(), '']);
  });

  it('names every resource', () => {
    for (const { uri } of [...RESOURCES, ...RESOURCE_TEMPLATES]) expect(page).toContain(`\`${uri}\``);
  });
});
