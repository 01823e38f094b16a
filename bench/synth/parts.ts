import { spreadOf, type Figure, type Spent, type Spread } from '../figures.js';
import type { MeasureOptions, Part, Subject } from '../subject.js';
import { CompiledProgram, FORMATS } from './compiled.js';
import type { Side } from './sides.js';
import type { Depth } from './synthesize.js';
import type { Temperature } from './synth-process.js';

/** What was promised of a synth: at most this, beside the same resources written with plain L2s. */
const MOST = 1.1;

interface Measured {
  readonly name: string;
  readonly what: string;
  readonly temperature: Temperature;
  readonly depth: Depth;
  readonly target?: number;
}

/** The synth of the largest example, beside its plain twin. */
export const SYNTH: Subject = {
  name: 'synth',
  what: 'examples/fan-out beside the same resources written with plain L2s, bundling of functions left out',
  parts: [
    partOf({
      name: 'fresh',
      what: 'a process each, from its start to the validated template: what one waits for',
      temperature: 'fresh',
      depth: 'whole',
      target: MOST,
    }),
    partOf({
      name: 'bare',
      what: "the same without aws-cdk-lib's validation, which outweighs all else",
      temperature: 'fresh',
      depth: 'bare',
    }),
    partOf({
      name: 'warm',
      what: 'a process each, once everything is compiled',
      temperature: 'warm',
      depth: 'bare',
      target: MOST,
    }),
  ],
};

/** What each side took. */
type Round = Readonly<Record<Side, Spent>>;

function partOf(measured: Measured): Part {
  return {
    name: measured.name,
    what: measured.what,
    async *measure({ runs, isWanted }: MeasureOptions) {
      for (const format of FORMATS.filter(isWanted)) {
        const program = await CompiledProgram.create(format);
        const take = (side: Side): Promise<Spent> =>
          program.run<Spent>(measured.temperature, side, measured.depth);
        const round = async (): Promise<Round> => ({
          plain: await take('plain'),
          millrace: await take('millrace'),
        });
        await round();
        const rounds: Round[] = [];
        for (let at = 0; at < runs; at += 1) rounds.push(await round());
        yield* figuresOf({ ...measured, name: `${measured.name}, ${format}` }, rounds);
      }
    },
  };
}

/** What each side took, and the ratio round by round: what else the machine does weighs on both alike. */
function figuresOf({ name: part, target }: Measured, rounds: readonly Round[]): readonly Figure[] {
  const over = (value: (round: Round) => number): Spread => spreadOf(rounds.map(value));
  const shared = { part, runs: rounds.length };
  const took = (side: Side, name: string): Figure => ({
    ...shared,
    name,
    unit: 'ms',
    wall: over((round) => round[side].wallMs),
    cpu: over((round) => round[side].cpuMs),
    target: undefined,
  });
  return [
    took('plain', 'plain L2s'),
    took('millrace', 'millrace'),
    {
      ...shared,
      name: 'millrace beside plain L2s',
      unit: '×',
      wall: over(({ millrace, plain }) => millrace.wallMs / plain.wallMs),
      cpu: over(({ millrace, plain }) => millrace.cpuMs / plain.cpuMs),
      target,
      isCeiling: true,
    },
  ];
}
