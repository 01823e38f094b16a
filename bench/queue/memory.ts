import { spreadOf, type Figure } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import { Child } from './child.js';
import { BODY_BYTES, startServer } from './consume.js';
import type { MemoryOrder, MemoryReport } from './memory-process.js';

const DEFAULT_MINUTES = 0.5;
const STRETCH_MESSAGES = 10_000;
const QUARTERS = 4;
const MIB = 1_048_576;

/** The memory of a worker that runs for long: what is flat in the later quarters stays flat. */
export async function* measureMemory({ minutes = DEFAULT_MINUTES }: MeasureOptions): AsyncGenerator<Figure> {
  const samples = await sample(minutes * 60_000);
  const perQuarter = Math.max(1, Math.floor(samples.length / QUARTERS));
  for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
    const own = samples.slice(quarter * perQuarter, (quarter + 1) * perQuarter);
    if (own.length === 0) return;
    const messages = (quarter * perQuarter + own.length) * STRETCH_MESSAGES;
    yield {
      part: 'memory',
      name: `RSS up to message ${messages.toLocaleString('en-US')}`,
      unit: 'MiB',
      runs: own.length,
      wall: spreadOf(own.map((bytes) => bytes / MIB)),
      cpu: undefined,
      target: undefined,
    };
  }
}

async function sample(durationMs: number): Promise<readonly number[]> {
  await using server = await startServer();
  await using worker = await Child.start<MemoryOrder, MemoryReport>('./memory-process.ts');
  const fill = { messages: STRETCH_MESSAGES, bytes: BODY_BYTES };
  const { place } = await server.give({ kind: 'queue', fifo: false, ...fill, groups: 0 });
  if (place === undefined) throw new Error('the server made no queue');
  await worker.give({ kind: 'start', place });
  const samples: number[] = [];
  const end = performance.now() + durationMs;
  for (let handled = STRETCH_MESSAGES; ; handled += STRETCH_MESSAGES) {
    const { rssBytes } = await worker.give({ kind: 'until', handled });
    samples.push(rssBytes);
    if (performance.now() >= end) break;
    await server.give({ kind: 'fill', url: place.url, from: handled, ...fill });
  }
  await worker.give({ kind: 'stop' });
  return samples;
}
