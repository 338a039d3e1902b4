/**
 * The only place that imports zod. `jitless` is set before any schema exists, because zod's compiler probes
 * `new Function`, which the dashboard's content security policy reports and the workflow sandbox does not need.
 */
import { z } from 'zod';

z.config({ jitless: true });

export { z };
