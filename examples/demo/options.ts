import { parseArgs } from 'node:util';

/** What `npm run demo -- …` takes. */
export interface DemoOptions {
  /** Plans order, repeats and the moments of the kills. */
  readonly seed: number;
  /** Flight records to produce. */
  readonly records: number;
  /** Port of the embedded AWS; 0 takes a free one. */
  readonly port: number;
  /** Folder of the report. */
  readonly out: string;
  /** Print the report as JSON and nothing else on standard output. */
  readonly isJson: boolean;
}

/** What `--help` prints. */
export const USAGE = `npm run demo -- [options]

The main job on a laptop: synthesizes the example app, creates it in the embedded AWS, sends real webhooks
and flights through it, kills a queue worker and a stream reader midway, and holds the effects against
what was published. Exits with 1 if anything was lost, done twice or out of order.

  --seed <n>      plans order, repeats and kills; printed by every run        (default: from the clock)
  --records <n>   flights to produce, 1000 to 3000000                         (default: 200000)
  --port <n>      port of the embedded AWS on loopback, 0 for any             (default: 0)
  --out <folder>  where the report goes; replaced as a whole when it is done  (default: demo-report)
  --json          the report as JSON on standard output, progress on standard error
  --help          this text`;

/** Wrong arguments: every violation, one to a line. */
export class UsageError extends Error {}

/** Reads the arguments; `undefined` asks for help. */
export function readOptions(args: readonly string[], now: number): DemoOptions | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const seed = numberOf(values.seed, now % 1_000_000);
  const records = numberOf(values.records, 200_000);
  const port = numberOf(values.port, 0);
  const violations = [
    ...outside('--seed', values.seed, seed, 0, 2 ** 32 - 1),
    ...outside('--records', values.records, records, 1_000, 3_000_000),
    ...outside('--port', values.port, port, 0, 65_535),
    ...(values.out === '' ? ['--out must name a folder, got nothing'] : []),
  ];
  if (violations.length > 0) throw new UsageError(violations.join('\n'));
  return { seed, records, port, out: values.out ?? 'demo-report', isJson: values.json === true };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        records: { type: 'string' },
        port: { type: 'string' },
        out: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const numberOf = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Number(text);

function outside(name: string, text: string | undefined, value: number, min: number, max: number): string[] {
  const isRight = Number.isInteger(value) && value >= min && value <= max && text !== '';
  return isRight ? [] : [`${name} must be a whole number from ${min} to ${max}, got '${text ?? ''}'`];
}
