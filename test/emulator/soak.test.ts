import { createHeapGauge } from '../../bench/emulator/heap.js';
import { soak, type SoakSample } from '../../bench/emulator/soak.js';

/** A stream holds what came in during 24 hours; only when that much was put does it hold no more. */
const FILLED = 25;
const HOURS = 37;
/** Poison is sent in between, and dies at times of its own. */
const POISON_AT_MOST = 10;
/** Bytes of heap per entry that went through: it was 19 here, and 109 when streams kept trimmed records for a while. */
const GROWTH_PER_ENTRY = 50;

async function run(): Promise<readonly SoakSample[]> {
  const samples: SoakSample[] = [];
  const traffic = soak({
    hours: HOURS,
    firstSample: FILLED,
    sampleEvery: HOURS - FILLED,
    roundSeconds: 120,
    heapBytes: createHeapGauge(),
  });
  for await (const sample of traffic) samples.push(sample);
  return samples;
}

describe('a steady load for half a day', () => {
  test('leaves as many messages and as large a heap as it found', async () => {
    const samples = await run();
    const first = samples[0]!;
    const last = samples.at(-1)!;
    const entries = last.taken - first.taken;
    expect(entries).toBeGreaterThan(10_000);
    expect(Math.abs(last.messages - first.messages)).toBeLessThanOrEqual(POISON_AT_MOST);
    expect((last.heapBytes - first.heapBytes) / entries).toBeLessThan(GROWTH_PER_ENTRY);
  });
});
