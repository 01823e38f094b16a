import { spreadOf, type Figure } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import { consumeOnce, ratePerSecond, startServer, type ConsumeCase } from './consume.js';

const SLOTS = 50;
/** 20 ms, and each tenth time 500 ms. */
const MEAN_HANDLER_MS = 68;
const GROUPS = 1_000;

const MIXED = {
  consumer: 'millrace, lean transport',
  handler: 'mixed',
  concurrency: SLOTS,
  warmUp: 500,
  messages: 3_000,
  surplus: 10 * SLOTS,
} as const satisfies ConsumeCase;

/** Whether slow messages hold up others: slots that were always full would do `slots / mean handler time`. */
export async function* measureSlots({ runs }: MeasureOptions): AsyncGenerator<Figure> {
  const most = (SLOTS / MEAN_HANDLER_MS) * 1_000;
  const rates = await ratesOf(MIXED, runs);
  yield {
    part: 'slots',
    name: `${SLOTS} slots, 20 ms with 10 % at 500 ms (full slots: ${Math.round(most)})`,
    unit: 'messages/s',
    runs,
    wall: spreadOf(rates),
    cpu: undefined,
    target: 0.9 * most,
  };
}

const FIFO = {
  consumer: 'millrace, lean transport',
  handler: 'ten-ms',
  groups: GROUPS,
  warmUp: 200,
} as const;

/** What groups in parallel gain over one message after the other. */
export async function* measureFifo({ runs }: MeasureOptions): AsyncGenerator<Figure> {
  const one = await ratesOf({ ...FIFO, concurrency: 1, messages: 200 }, runs);
  const many = await ratesOf({ ...FIFO, concurrency: 100, messages: 3_000 }, runs);
  const figure = { part: 'fifo', runs, cpu: undefined, target: undefined };
  yield {
    ...figure,
    name: `${GROUPS} groups, 10 ms, one after the other`,
    unit: 'messages/s',
    wall: spreadOf(one),
  };
  yield { ...figure, name: `${GROUPS} groups, 10 ms, 100 slots`, unit: 'messages/s', wall: spreadOf(many) };
  yield {
    ...figure,
    name: 'groups in parallel beside one after the other',
    unit: 'x',
    wall: spreadOf(many.map((rate, run) => rate / (one[run] ?? rate))),
    target: 10,
  };
}

async function ratesOf(each: ConsumeCase, runs: number): Promise<readonly number[]> {
  await using server = await startServer();
  const rates: number[] = [];
  for (let run = 0; run < runs; run += 1) rates.push(ratePerSecond(await consumeOnce(server, each)));
  return rates;
}
