import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Installations outlive a run; beside the packages they are out of everybody's way. */
export const cacheFolder = (): string => {
  const asked = process.env.MILLRACE_CONFORMANCE_CACHE;
  if (asked !== undefined) return resolve(asked);
  const packages = resolve('node_modules');
  return existsSync(packages)
    ? join(packages, '.cache', 'millrace-conformance')
    : join(tmpdir(), 'millrace-conformance');
};
