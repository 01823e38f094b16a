/**
 * CPU cost of a record in the stream producer and reader, without network or service: a fake in memory answers at once.
 * Prints one JSON line per side: records per second of one core, by CPU time, so a busy machine does not blur it.
 * Run: node --import tsx bench/stream-cpu.ts [records]
 */
import { z } from 'zod';
import { defineRecord, type ReaderBinding, type StreamBinding } from '../lib/contract/index.js';
import { hashKeyOfDecimal, WHOLE_RANGE } from '../lib/core/stream/hash-range.js';
import type { Shard } from '../lib/core/stream/shard-graph.js';
import { createStreamProducer, createStreamReader } from '../lib/runtime/index.js';
import type { KinesisApi, KinesisRecord, PutEntry } from '../lib/runtime/kinesis/kinesis-api.js';
import { createMemoryLeaseStore } from '../lib/runtime/stores/lease-memory.js';

const RECORDS = Number(process.argv[2] ?? 200_000);

const Flight = defineRecord('flight.landed', {
  schema: z.object({
    date: z.string(),
    delay: z.number(),
    distance: z.number(),
    origin: z.string(),
    destination: z.string(),
  }),
  key: (flight) => flight.origin,
});

const shared = {
  v: 1,
  region: 'local',
  record: { name: 'flight.landed', version: 1 },
  retentionHours: 24,
} as const;
const arn = 'arn:aws:kinesis:local:000000000000:stream/flights';
const stream: StreamBinding = {
  ...shared,
  kind: 'stream',
  name: 'Flights',
  arn,
  streamName: 'flights',
  maxRecordBytes: 1_048_576,
};
const reader: ReaderBinding = {
  ...shared,
  kind: 'reader',
  name: 'Flights/bench',
  reader: 'bench',
  stream: { name: 'Flights', arn, streamName: 'flights' },
  leaseTable: 'none',
  startingPosition: 'TRIM_HORIZON',
};

/** Four shards, each a list; the first hexadecimal digit of the hash decides. */
function createMemoryStream(): KinesisApi {
  const shards: readonly Shard[] = [0n, 1n, 2n, 3n].map((n) => ({
    shardId: `shardId-00000000000${n}`,
    parents: [],
    isOpen: true,
    hashRange: {
      start: hashKeyOfDecimal(String(n << 126n)),
      end: n === 3n ? WHOLE_RANGE.end : hashKeyOfDecimal(String(((n + 1n) << 126n) - 1n)),
    },
  }));
  const logs = new Map<string, KinesisRecord[]>(shards.map(({ shardId }) => [shardId, []]));
  let sequence = 10 ** 6;
  const shardOf = (entry: PutEntry): string => {
    const place = [...airports].indexOf(entry.partitionKey);
    return homes[place] ?? '';
  };
  return {
    listShards: () => Promise.resolve(shards),
    openIterator: ({ shardId }) => Promise.resolve(`${shardId}/0`),
    getRecords({ iterator }) {
      const [shardId = '', from = '0'] = iterator.split('/');
      const log = logs.get(shardId) ?? [];
      const records = log.slice(Number(from), Number(from) + 20);
      const next = Number(from) + records.length;
      return Promise.resolve({
        records,
        millisBehind: next < log.length ? 1 : 0,
        childShards: [],
        nextIterator: `${shardId}/${next}`,
      });
    },
    putRecords: (entries) =>
      Promise.resolve(
        entries.map((entry) => {
          sequence += 1;
          const shardId = shardOf(entry);
          const sequenceNumber = String(sequence);
          logs.get(shardId)?.push({ ...entry, sequenceNumber, arrivedAt: 0 });
          return { kind: 'landed' as const, shardId, sequenceNumber };
        }),
      ),
    close: () => undefined,
  };
}

const { createHash } = await import('node:crypto');
const airports = Array.from({ length: 223 }, (_, n) => `AP${n}`);
const homes = airports.map((airport) => {
  const digit = Number.parseInt(createHash('md5').update(airport).digest('hex').charAt(0), 16);
  return `shardId-00000000000${digit >> 2}`;
});

/** Runs the work and prints what a record cost. */
async function measure(side: string, work: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1_000;
  const line = {
    bench: 'stream-cpu',
    side,
    records: RECORDS,
    cpuMs: Math.round(cpuMs),
    perCoreSecond: Math.round((RECORDS / cpuMs) * 1_000),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const api = createMemoryStream();
const fast = { now: () => Date.now(), monotonic: () => performance.now() * 1_000, schedule: scheduleSoon };

/** Time that runs a thousand times faster, so that limits of shards are not what is measured. */
function scheduleSoon(delayMs: number, onDue: () => void): { cancel(): void } {
  const timer = setTimeout(onDue, delayMs / 1_000);
  return { cancel: () => clearTimeout(timer) };
}

await measure('producer', async () => {
  const producer = createStreamProducer({ stream, record: Flight, api, clock: fast, ttlMs: 3_600_000 });
  for (let n = 0; n < RECORDS; n += 1) {
    if (n % 100 === 0) await producer.ready();
    const flight = {
      date: '2001/01/01 12:03',
      delay: n % 60,
      distance: 1_200,
      origin: airports[n % 223] ?? '',
      destination: 'LAX',
    };
    void producer.put(flight);
    if (n % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await producer.stop();
});

await measure('reader', async () => {
  let seen = 0;
  const worker = createStreamReader({
    reader,
    record: Flight,
    api,
    store: createMemoryLeaseStore(),
    idlePollMs: 1,
    busyPollMs: 0,
    handler: (records) => {
      seen += records.length;
      if (seen === RECORDS) void worker.stop();
      return Promise.resolve();
    },
  });
  await worker.run();
});
