import { spreadOf, type Figure } from '../figures.js';
import { createHeapGauge } from './heap.js';
import { soak, type SoakSample } from './soak.js';

/** A stream holds what came in during 24 hours, so that the heap grows that long; from then on it must not. */
const FILLING_HOURS = 24;
const SOAKED_HOURS = 24;
const HOURS_PER_FIGURE = 3;
const ROUND_SECONDS = 30;
const MIB = 1_048_576;

/** The heap every three hours of the 24 that follow upon the filling of the stream. */
export async function* measureSoak(): AsyncGenerator<Figure> {
  const samples: SoakSample[] = [];
  const traffic = soak({
    hours: FILLING_HOURS + SOAKED_HOURS,
    firstSample: FILLING_HOURS + 1,
    sampleEvery: 1,
    roundSeconds: ROUND_SECONDS,
    heapBytes: createHeapGauge(),
  });
  for await (const sample of traffic) samples.push(sample);
  for (let at = HOURS_PER_FIGURE; at <= samples.length; at += HOURS_PER_FIGURE) {
    const hours = samples.slice(at - HOURS_PER_FIGURE, at);
    const last = hours.at(-1);
    yield {
      part: 'soak',
      name: `hour ${at}: heap with ${last?.messages ?? 0} messages held, ${last?.taken ?? 0} entries taken`,
      unit: 'MiB',
      runs: hours.length,
      wall: spreadOf(hours.map(({ heapBytes }) => heapBytes / MIB)),
      cpu: undefined,
      target: undefined,
    };
  }
}
