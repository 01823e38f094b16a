// Synthesises and writes what one synth took as a line of JSON: `<fresh|warm> <side> <whole|bare>`.
import { Stopwatch, type Spent } from '../figures.js';
import { SIDES, type Side } from './sides.js';
import { synthesize, type Define, type Depth } from './synthesize.js';

/** What a process is asked for: all it did from its start to the written template, or a synth once everything is compiled. */
export type Temperature = 'fresh' | 'warm';

/** Synths that don't count, and those that do. */
const WARMING = 15;
const COUNTED = 15;

function sinceStart(): Spent {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1_000 };
}

function warm(define: Define, depth: Depth): Spent {
  for (let at = 0; at < WARMING; at += 1) synthesize(define, depth);
  const watch = new Stopwatch();
  for (let at = 0; at < COUNTED; at += 1) watch.time(() => synthesize(define, depth));
  return { wallMs: watch.spent.wallMs / COUNTED, cpuMs: watch.spent.cpuMs / COUNTED };
}

async function main(): Promise<void> {
  const [temperature, side, depth] = process.argv.slice(2) as [Temperature, Side, Depth];
  const define = await SIDES[side]();
  if (temperature === 'fresh') synthesize(define, depth);
  const spent = temperature === 'fresh' ? sinceStart() : warm(define, depth);
  process.stdout.write(`${JSON.stringify(spent)}\n`);
}

void main();
