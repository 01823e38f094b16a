/** A place at which a process can crash: what crosses its border there, and how often that was so. */
export interface Crossing {
  readonly name: string;
  crossed: number;
  crashed: number;
}

/** An `await` in the package's source. */
export interface AwaitSite {
  readonly file: string;
  readonly within: string;
  readonly text: string;
  isReached: boolean;
}

/** What a number of seeds met. */
export interface CoverageReport {
  readonly crossings: readonly Crossing[];
  /** What went wrong, how often, by kind and operation. */
  readonly faults: Readonly<Record<string, number>>;
  /** What workers told, by kind and cause. */
  readonly events: Readonly<Record<string, number>>;
  readonly awaits: readonly AwaitSite[];
}

/** One report of several processes that ran the same bundle. */
export function mergeCoverage(reports: readonly CoverageReport[]): CoverageReport {
  const sum = (maps: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
    const all: Record<string, number> = {};
    for (const map of maps)
      for (const [name, count] of Object.entries(map)) all[name] = (all[name] ?? 0) + count;
    return all;
  };
  const crossings = new Map<string, Crossing>();
  for (const { name, crossed, crashed } of reports.flatMap((report) => report.crossings)) {
    const known = crossings.get(name);
    crossings.set(name, {
      name,
      crossed: crossed + (known?.crossed ?? 0),
      crashed: crashed + (known?.crashed ?? 0),
    });
  }
  const [first] = reports;
  return {
    crossings: [...crossings.values()],
    faults: sum(reports.map(({ faults }) => faults)),
    events: sum(reports.map(({ events }) => events)),
    awaits: (first?.awaits ?? []).map((site, position) => ({
      ...site,
      isReached: reports.some(({ awaits }) => awaits[position]?.isReached === true),
    })),
  };
}

/** What was met, for a person. */
export function coverageText({ crossings, faults, events, awaits }: CoverageReport): string {
  const counted = (map: Readonly<Record<string, number>>): readonly string[] =>
    Object.entries(map)
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `  ${String(count).padStart(9)}  ${name}`);
  const candidates = [...crossings].sort((a, b) => b.crossed - a.crossed);
  const unreached = awaits.filter(({ isReached }) => !isReached);
  return [
    `await points by what crosses the border of a process (crossed, crashed there): ${candidates.filter(({ crashed }) => crashed > 0).length} of ${candidates.length} saw a crash`,
    ...candidates.map(
      ({ name, crossed, crashed }) =>
        `  ${String(crossed).padStart(9)} ${String(crashed).padStart(6)}  ${name}`,
    ),
    'faults that hit',
    ...counted(faults),
    'what workers told',
    ...counted(events),
    `awaits in the source of what ran: ${awaits.length - unreached.length} of ${awaits.length} were reached; the others:`,
    ...unreached.map(({ file, within, text }) => `  ${file} ${within}: ${text}`),
  ].join('\n');
}
