import { expect, test } from 'vitest';
import { looksLikeMarkdown } from './markdown-signs.ts';

test.each([
  '# A heading\n\nand a text',
  'Before\n\n## Later heading',
  '```\ncode\n```',
  '| a | b |\n| - | - |\n| 1 | 2 |',
  '- one\n- two',
  '1. one\n2. two',
  'This is **important** to know.',
  'See [the page](https://example.invalid/x).',
])('%j reads as Markdown', (text) => {
  expect(looksLikeMarkdown(text)).toBe(true);
});

test.each([
  '',
  'No file needed a change.',
  '#!/bin/sh\necho "# no heading"',
  'a ** b ** c',
  '2 * 3 - 1',
  '- one item is no list',
  '{"a": [1, 2]}',
  '#include <stdio.h>',
  'a | b\n',
])('%j is plain text', (text) => {
  expect(looksLikeMarkdown(text)).toBe(false);
});
