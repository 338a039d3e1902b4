/** Names of the files that hold signed heads of the audit log: the number of entries that each covers. */
export const CHECKPOINT_FILE = /^audit-(\d{12})\.json$/;

export function checkpointName(seq: number): string {
  return `audit-${String(seq).padStart(12, '0')}.json`;
}
