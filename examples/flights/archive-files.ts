import type { RecordOf } from 'millrace/contract';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlightLanded } from './records.js';

/** Where a record stands in its shard. */
export interface Position {
  readonly sequenceNumber: string;
  readonly subSequence: number;
}

/** What the archive keeps of a record. */
export interface ArchivedRecord {
  readonly data: RecordOf<typeof FlightLanded>;
  readonly position: Position;
}

const FILE = /^(\d+)\.(\d+)\.ndjson$/;

/**
 * An archive of files `<folder>/<shard>/<sequence>.<sub-sequence>.ndjson`, named for their last record. A file appears whole, by
 * rename, so content and position are committed together; a half-written one keeps its `.partial` name and counts for nothing.
 */
export class Archive {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(shardId: string, records: readonly ArchivedRecord[]): Promise<void> {
    const last = records.at(-1);
    if (last === undefined) return;
    const shard = join(this.#folder, shardId);
    await mkdir(shard, { recursive: true });
    const path = join(shard, `${last.position.sequenceNumber}.${last.position.subSequence}.ndjson`);
    const header = JSON.stringify({ shardId, archivedAt: performance.timeOrigin + performance.now() });
    const lines = records.map(({ data, position }) =>
      JSON.stringify([position.sequenceNumber, position.subSequence, data.origin, data.leg, data.delay]),
    );
    const file = await open(`${path}.partial`, 'w');
    try {
      await file.writeFile(`${[header, ...lines].join('\n')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.partial`, path);
  }

  async lastPosition(shardId: string): Promise<Position | undefined> {
    const names = await readdir(join(this.#folder, shardId)).catch(() => [] as string[]);
    const positions = names.flatMap((name) => {
      const [, sequenceNumber, subSequence] = FILE.exec(name) ?? [];
      return sequenceNumber === undefined ? [] : [{ sequenceNumber, subSequence: Number(subSequence) }];
    });
    return positions.sort(comparePositions).at(-1);
  }
}

/** Sequence numbers are decimals of up to 129 digits: numbers, never strings, give their order. */
export function comparePositions(a: Position, b: Position): number {
  const [left, right] = [BigInt(a.sequenceNumber), BigInt(b.sequenceNumber)];
  if (left !== right) return left < right ? -1 : 1;
  return a.subSequence - b.subSequence;
}
