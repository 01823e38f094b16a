import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { defineRecord, type ReaderBinding, type StreamBinding } from '../../lib/contract/index.js';
import { createStreamProducer, createStreamReader } from '../../lib/runtime/index.js';
import { tried, within, type ProbeResult } from './probe.js';

const RECORDS = 100;

/** Puts records of many keys into a stream and waits until a reader has handled them all, each key in order. */
export const probeStream = (stream: StreamBinding, reader: ReaderBinding): Promise<ProbeResult> =>
  tried(`stream ${stream.name} → reader ${reader.reader}`, () => putAndRead(stream, reader));

async function putAndRead(stream: StreamBinding, binding: ReaderBinding): Promise<string> {
  const run = randomUUID();
  const record = defineRecord(stream.record.name, {
    version: stream.record.version,
    schema: z.object({ run: z.string(), key: z.string(), number: z.number() }),
    key: ({ key }) => key,
  });
  const last = new Map<string, number>();
  let count = 0;
  let finish: () => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  const all = new Promise<void>((resolve, reject) => ([finish, refuse] = [resolve, reject]));
  const reader = createStreamReader({
    reader: binding,
    record,
    handler: async (records) => {
      for (const { data } of records) {
        if (data.run !== run) continue;
        if (data.number <= (last.get(data.key) ?? -1)) refuse(new Error(`key ${data.key} came out of order`));
        last.set(data.key, data.number);
        count += 1;
      }
      if (count === RECORDS) finish();
      await Promise.resolve();
    },
    // Records of earlier probes may be of other shapes; they are none of this one's.
    onPoison: () => Promise.resolve(),
  });
  const producer = createStreamProducer({ stream, record, order: 'per-key' });
  const running = reader.run();
  try {
    for (let number = 0; number < RECORDS; number += 1) {
      await producer.put({ run, key: `key-${number % 10}`, number });
    }
    await producer.flush();
    const failure = running.then(() => Promise.reject(new Error('the reader ended')));
    await within(Promise.race([all, failure]), `the reader to be handed ${RECORDS} records`);
    return `${RECORDS} records put, read in order, checkpointed`;
  } finally {
    await Promise.all([producer.stop(), reader.stop()]);
    await running.catch(() => undefined);
  }
}
