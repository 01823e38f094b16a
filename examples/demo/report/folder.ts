import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../options.js';

/** Marks a folder as written by this program, so that nothing else is ever replaced. */
const MARK = 'report.json';

/**
 * Refuses a report folder that can't be replaced, before the run rather than after it.
 * A folder left half-written by an interrupted run never has the final name, so there is nothing to mend.
 */
export async function checkReportFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return;
  const names = found.isDirectory() ? await readdir(folder) : undefined;
  if (names !== undefined && (names.length === 0 || names.includes(MARK))) return;
  const what = names === undefined ? 'a file' : `a folder without ${MARK}, so not a report of this program`;
  throw new UsageError(`--out ${folder} is ${what}; it would be replaced: give another name or move it away`);
}

/** Writes all files beside the final folder first, then puts it in place by rename: a report is whole or not there. */
export async function writeReportFolder(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const draft = join(dirname(folder), `.${basename(folder)}.draft`);
  await rm(draft, { recursive: true, force: true }); // left by an interrupted run
  await mkdir(draft, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(draft, name), text)));
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}
