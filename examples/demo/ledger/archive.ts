import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LegRun } from './stream-ledger.js';

const header = z.object({ archivedAt: z.number() });
const line = z.tuple([z.string(), z.number(), z.string(), z.number(), z.number()]);

interface ArchivedFile {
  readonly archivedAt: number;
  readonly flights: readonly { readonly airport: string; readonly leg: number }[];
}

/** Per airport, the legs in the order in which files with them appeared: what reader `archive` did, read off its files alone. */
export async function readArchive(folder: string): Promise<Map<string, LegRun[]>> {
  const shards = await readdir(folder).catch(() => [] as string[]);
  const files = (await Promise.all(shards.map((shard) => readShard(join(folder, shard))))).flat();
  files.sort((a, b) => a.archivedAt - b.archivedAt);
  const airports = new Map<string, { first: number; last: number }[]>();
  for (const { airport, leg } of files.flatMap(({ flights }) => flights)) {
    const runs = airports.get(airport) ?? [];
    const run = runs.at(-1);
    if (run !== undefined && leg === run.last + 1) run.last = leg;
    else runs.push({ first: leg, last: leg });
    airports.set(airport, runs);
  }
  return airports;
}

async function readShard(folder: string): Promise<ArchivedFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ndjson'));
  return Promise.all(names.map(async (name) => parseFile(await readFile(join(folder, name), 'utf8'))));
}

function parseFile(text: string): ArchivedFile {
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const flights = rest.map((json) => {
    const [, , airport, leg] = line.parse(JSON.parse(json));
    return { airport, leg };
  });
  return { archivedAt: header.parse(JSON.parse(first)).archivedAt, flights };
}
