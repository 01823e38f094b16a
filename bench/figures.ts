/** Wall and CPU time of a piece of work, in milliseconds. */
export interface Spent {
  readonly wallMs: number;
  /** User and system time of the process, its garbage collection and compilation threads included. */
  readonly cpuMs: number;
}

/** Measures the stretches of a run that count, and leaves out what lies between them. */
export class Stopwatch {
  #wallMs = 0;
  #cpuMs = 0;

  /** Does `work` and counts its time. */
  time<Result>(work: () => Result): Result {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const result = work();
    this.#wallMs += performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    this.#cpuMs += (user + system) / 1_000;
    return result;
  }

  /** The same of work that takes its time; what else the process does meanwhile counts too. */
  async timeAsync<Result>(work: () => Promise<Result>): Promise<Result> {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const result = await work();
    this.#wallMs += performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    this.#cpuMs += (user + system) / 1_000;
    return result;
  }

  get spent(): Spent {
    return { wallMs: this.#wallMs, cpuMs: this.#cpuMs };
  }
}

/** One run of a case: how much was done, and in what time. */
export interface Run extends Spent {
  readonly count: number;
}

/** A value over several runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What is printed: a rate or a size over several runs. */
export interface Figure {
  readonly part: string;
  readonly name: string;
  readonly unit: string;
  readonly runs: number;
  /** By the wall clock, which other work on the machine slows down; undefined where it says nothing. */
  readonly wall: Spread | undefined;
  /** By CPU time, which other work hardly touches; undefined where it says nothing. */
  readonly cpu: Spread | undefined;
  /** What was promised; undefined where nothing was. */
  readonly target: number | undefined;
  /** Whether the target is the most it may be. @default - it is the least */
  readonly isCeiling?: boolean;
}

/** The median of the values and their bounds; at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const low = sorted[Math.floor(middle)] ?? NaN;
  const high = sorted[Math.ceil(middle)] ?? NaN;
  return { median: (low + high) / 2, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** What a figure is named by. */
export type Label = Pick<Figure, 'part' | 'name' | 'unit' | 'target' | 'isCeiling'>;

/** Runs a case once for warming up and then `runs` times, and gives its rates per second. */
export async function measureRate(
  label: Label,
  runs: number,
  run: () => Run | Promise<Run>,
): Promise<Figure> {
  await run();
  const measured: Run[] = [];
  for (let at = 0; at < runs; at += 1) measured.push(await run());
  return {
    ...label,
    runs,
    wall: spreadOf(measured.map(({ count, wallMs }) => (count / wallMs) * 1_000)),
    cpu: spreadOf(measured.map(({ count, cpuMs }) => (count / cpuMs) * 1_000)),
  };
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const short = (value: number): string => (value < 1_000 ? value.toPrecision(3) : whole(value));
const range = (spread: Spread | undefined): string =>
  spread === undefined ? '–' : `${short(spread.median)} (${short(spread.min)}–${short(spread.max)})`;

function verdict({ target, wall, cpu, isCeiling = false }: Figure): string {
  if (target === undefined) return '';
  const meets = (spread: Spread | undefined): boolean =>
    spread !== undefined && (isCeiling ? spread.median <= target : spread.median >= target);
  const promise = isCeiling ? `at most ${short(target)}` : short(target);
  if (meets(wall)) return `${promise} met`;
  return meets(cpu) ? `${promise} met${wall === undefined ? '' : ' by CPU time'}` : `${promise} missed`;
}

/** Figures as lines of a table, medians with their bounds. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.part,
    figure.name,
    figure.unit,
    range(figure.wall),
    range(figure.cpu),
    verdict(figure),
  ]);
  const head = ['part', 'case', 'unit', 'wall: median (min–max)', 'CPU: median (min–max)', 'target'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n');
}

/** A figure as one line of JSON. */
export const formatJson = (figure: Figure): string => JSON.stringify(figure);
