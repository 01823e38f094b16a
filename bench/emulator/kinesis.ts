import { randomUUID } from 'node:crypto';
import { createKinesisEngine, type KinesisEngine } from '../../lib/emulator/kinesis/kinesis-engine.js';
import { measureRate, Stopwatch, type Figure, type Run } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import {
  ACCOUNT_ID,
  callEngine,
  offTheWire,
  repeatableRandom,
  REGION,
  START,
  type Members,
} from './engine-call.js';
import { createSweeper } from './heap.js';

const TARGET = 1_000_000;
const RECORDS_PER_RUN = 200_000;
const PER_PUT = 500;
/** Puts between two reads: a read finds 10,000 records at most. */
const PUTS_PER_ROUND = 20;
const RECORD_BYTES = 100;
const sweep = createSweeper();
/** Time a put takes of one shard's 1,000 records a second, with room for keys that fall unevenly. */
const MS_PER_PUT_AND_SHARD = 600;

interface Case {
  readonly shards: number;
  /** How many partition keys there are; Infinity makes each record's its own. */
  readonly keys: number;
}

const CASES: readonly Case[] = [
  { shards: 1, keys: 10_000 },
  { shards: 4, keys: 10_000 },
  { shards: 16, keys: 10_000 },
  { shards: 4, keys: Infinity },
];

/** Kinesis records per second: each is put and read once. Put and get are given apart, too. */
export async function* measureKinesis({ runs, isWanted }: MeasureOptions): AsyncGenerator<Figure> {
  for (const { shards, keys } of CASES) {
    const keyWords = keys === Infinity ? 'a key each' : `${keys.toLocaleString('en-US')} keys`;
    const name = `${shards} ${shards === 1 ? 'shard' : 'shards'}, ${keyWords}`;
    if (!isWanted(name)) continue;
    const label = { part: 'kinesis', unit: 'records/s' };
    const kept: { put: Run; get: Run }[] = [];
    yield await measureRate({ ...label, name: `${name}: put + get`, target: TARGET }, runs, () => {
      const { put, get } = new BenchStream(shards, keys).run();
      kept.push({ put, get });
      return { count: put.count, wallMs: put.wallMs + get.wallMs, cpuMs: put.cpuMs + get.cpuMs };
    });
    for (const half of ['put', 'get'] as const) {
      const measured = kept.map((run) => run[half])[Symbol.iterator]();
      yield await measureRate({ ...label, name: `${name}: ${half} alone`, target: undefined }, runs, () => {
        const next = measured.next();
        if (next.done === true) throw new RangeError('fewer runs were kept than are asked for');
        return next.value;
      });
    }
  }
}

/** A stream of its own for each run: what a run leaves behind would weigh on the next. */
class BenchStream {
  readonly #engine: KinesisEngine = createKinesisEngine({
    region: REGION,
    accountId: ACCOUNT_ID,
    randomId: randomUUID,
    random: repeatableRandom(),
    transitionMs: 0,
  });
  readonly #keys: number;
  readonly #stepMs: number;
  #iterators: string[];
  #now = START;
  #put = 0;

  constructor(shards: number, keys: number) {
    this.#keys = keys;
    this.#stepMs = MS_PER_PUT_AND_SHARD / shards;
    this.#call('CreateStream', { StreamName: 'bench', ShardCount: shards });
    const { Shards } = this.#call('ListShards', { StreamName: 'bench' });
    this.#iterators = (Shards as readonly { readonly ShardId: string }[]).map(
      ({ ShardId }) =>
        this.#call('GetShardIterator', {
          StreamName: 'bench',
          ShardId,
          ShardIteratorType: 'TRIM_HORIZON',
        })['ShardIterator'] as string,
    );
  }

  run(): { readonly put: Run; readonly get: Run } {
    const putting = new Stopwatch();
    const getting = new Stopwatch();
    let read = 0;
    while (this.#put < RECORDS_PER_RUN) {
      const puts = Array.from({ length: PUTS_PER_ROUND }, () => this.#records());
      sweep();
      putting.time(() => {
        for (const Records of puts) this.#putRecords(Records);
      });
      read += getting.time(() => this.#readAll());
    }
    if (read !== this.#put) throw new Error(`put ${this.#put}, read ${read}`);
    return { put: { count: this.#put, ...putting.spent }, get: { count: read, ...getting.spent } };
  }

  #putRecords(Records: readonly Members[]): void {
    this.#now += this.#stepMs;
    const { FailedRecordCount } = this.#call('PutRecords', { StreamName: 'bench', Records });
    if (FailedRecordCount !== 0) throw new Error('the shards were out of throughput');
  }

  #readAll(): number {
    let read = 0;
    this.#iterators = this.#iterators.map((ShardIterator) => {
      const page = this.#call('GetRecords', { ShardIterator });
      read += (page['Records'] as readonly unknown[]).length;
      return page['NextShardIterator'] as string;
    });
    return read;
  }

  #records(): readonly Members[] {
    const records = Array.from({ length: PER_PUT }, () => {
      this.#put += 1;
      const key = this.#keys === Infinity ? this.#put : (this.#put * 7_919) % this.#keys;
      const Data = Buffer.alloc(RECORD_BYTES, `record ${this.#put} `).toString('base64');
      return { Data, PartitionKey: `device-${key}` };
    });
    return offTheWire(records);
  }

  #call(operation: string, input: Members): Members {
    return callEngine(this.#engine, { operation, input }, this.#now);
  }
}
