// Reader `archive`: every flight into files, one per batch, whose names hold the position in the shard.
import { createStreamReader } from 'millrace/runtime';
import { Archive } from './archive-files.js';
import { FlightLanded } from './records.js';
import { say } from './say.js';

const folder = process.env.ARCHIVE_FOLDER;
if (folder === undefined) throw new Error('usage: ARCHIVE_FOLDER=<folder> archive.ts');

const archive = new Archive(folder);
const reader = createStreamReader({
  stream: 'Flights',
  reader: 'archive',
  record: FlightLanded,
  failoverMs: 3_000, // short, so that a killed reader's shards wait only briefly
  handler: async (records, context) => {
    say('dispatched', records.length);
    await archive.write(context.shardId, records);
    say('handled', records.length);
  },
  // The files themselves say how far a shard was archived: a checkpoint lost in a crash repeats nothing.
  resumeFrom: (shardId) => archive.lastPosition(shardId),
  onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
await reader.run();
