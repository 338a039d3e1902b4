/** Whether a text reads as Markdown: it has a block that plain text has no reason to have. */
const SIGNS = [
  /^#{1,6} +\S/m, // a heading
  /^(?:```|~~~)/m, // a fence
  /^\|.*\|[ \t]*\n\|[ :|-]+\|[ \t]*$/m, // a table
  /^(?:[-*]|\d+\.) +\S.*\n(?:.*\n)?(?:[-*]|\d+\.) +\S/m, // a list of two or more
  /(?:^|\s)\*\*[^\s*][^*\n]*\*\*/, // strong words
  /\[[^\]\n]+\]\(https?:\/\/[^)\s]+\)/, // a link
];

export function looksLikeMarkdown(text: string): boolean {
  return SIGNS.some((sign) => sign.test(text));
}
