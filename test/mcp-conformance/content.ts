/** The fixed resources and prompts that the conformance suite of the protocol asks for, by the names and texts that it fixes. */
import { completable, ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import { z } from '#contract/zod.ts';

/** One red pixel, and a sound without samples. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
export const SILENCE = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

const image = { type: 'image', data: PIXEL, mimeType: 'image/png' } as const;
const user = <T>(content: T): { role: 'user'; content: T } => ({ role: 'user', content });
const text = (words: string): { type: 'text'; text: string } => ({ type: 'text', text: words });

export function addContent(server: McpServer): void {
  addResources(server);
  addPrompts(server);
}

function addResources(server: McpServer): void {
  const about = { title: 'Fixture', description: 'A fixed resource' };
  server.registerResource('static-text', 'test://static-text', { ...about, mimeType: 'text/plain' }, () => ({
    contents: [{ uri: 'test://static-text', mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  }));
  server.registerResource('static-binary', 'test://static-binary', { ...about, mimeType: 'image/png' }, () => ({
    contents: [{ uri: 'test://static-binary', mimeType: 'image/png', blob: PIXEL }],
  }));
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource('template', template, { ...about, mimeType: 'application/json' }, (uri, { id }) => ({
    contents: [
      { uri: uri.href, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }) },
    ],
  }));
}

function addPrompts(server: McpServer): void {
  server.registerPrompt('test_simple_prompt', { description: 'Says one sentence' }, () => ({
    messages: [user(text('This is a simple prompt for testing.'))],
  }));
  const cities = ['paris', 'park', 'party'];
  const words = {
    arg1: completable(z.string().describe('The first word'), (begun) => cities.filter((city) => city.startsWith(begun))),
    arg2: z.string().describe('The second word'),
  };
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'Repeats its words', argsSchema: z.object(words) },
    ({ arg1, arg2 }) => ({ messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))] }),
  );
  const argsSchema = z.object({ resourceUri: z.string().describe('What is embedded') });
  server.registerPrompt('test_prompt_with_embedded_resource', { description: 'Embeds a resource', argsSchema }, ({ resourceUri: uri }) => ({
    messages: [
      user({ type: 'resource', resource: { uri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' } }),
      user(text('Please process the embedded resource above.')),
    ],
  }));
  server.registerPrompt('test_prompt_with_image', { description: 'Shows a picture' }, () => ({
    messages: [user(image), user(text('Please analyze the image above.'))],
  }));
}
