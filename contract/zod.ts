/**
 * The only place that imports zod. `jitless` is set before any schema exists, because zod's compiler probes
 * `new Function`, which the dashboard's content security policy reports and the workflow sandbox does not need.
 * What is wrong with an input is told in our own words.
 */
import { z } from 'zod';
import { issueText } from './issue-text.ts';

z.config({ jitless: true, localeError: issueText });

export { z };
