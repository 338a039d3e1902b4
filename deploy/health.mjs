/** node deploy/health.mjs <url>: exit code 0 when the address answers with a good status within 4 s. For health checks of containers. */
const [url = ''] = process.argv.slice(2);
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4000) });
  process.exitCode = response.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
