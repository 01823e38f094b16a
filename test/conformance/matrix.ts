import type { ConformanceCase, Outcome } from './conformance-case.js';
import type { EngineReport } from './run-engine.js';

type RanReport = Extract<EngineReport, { readonly kind: 'ran' }>;

const MARKS: Readonly<Record<Outcome['kind'], string>> = { pass: '+', fail: 'x', unsupported: '.' };

const ran = (reports: readonly EngineReport[]): readonly RanReport[] =>
  reports.filter((report): report is RanReport => report.kind === 'ran');

const columnTitle = (report: RanReport): string => `${report.name} ${report.version}`;

const tally = (cases: readonly ConformanceCase[], { outcomes }: RanReport): string => {
  const found = cases.map(({ id }) => outcomes.get(id)).filter((outcome) => outcome !== undefined);
  if (found.length === 0) return '-';
  const count = (kind: Outcome['kind']): number => found.filter((outcome) => outcome.kind === kind).length;
  const unsupported = count('unsupported');
  return `${count('pass')}/${found.length - unsupported}${unsupported === 0 ? '' : ` (${unsupported}.)`}`;
};

/** Rows of the summary: one per group, then the sum; first column the name, then one per engine. */
export function summaryRows(
  cases: readonly ConformanceCase[],
  reports: readonly EngineReport[],
): readonly (readonly string[])[] {
  const columns = ran(reports);
  const groups = [...new Set(cases.map(({ group }) => group))];
  const row = (name: string, some: readonly ConformanceCase[]): readonly string[] => [
    name,
    `${some.length}`,
    ...columns.map((report) => tally(some, report)),
  ];
  return [
    ['group', 'cases', ...columns.map(columnTitle)],
    ...groups.map((group) =>
      row(
        group,
        cases.filter((one) => one.group === group),
      ),
    ),
    row('all', cases),
  ];
}

/** A table in plain text, columns aligned. */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/** The same table in Markdown. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rest.map(line)].join('\n');
}

/** Rows worth reading: engines disagree, or ours does not pass. */
export function disputedRows(
  cases: readonly ConformanceCase[],
  reports: readonly EngineReport[],
  ours: string,
): readonly string[] {
  const columns = ran(reports);
  return cases.flatMap((one) => {
    const outcomes = columns.map((report) => ({ report, outcome: report.outcomes.get(one.id) }));
    const said = outcomes.filter(({ outcome }) => outcome !== undefined);
    const reds = said.filter(({ outcome }) => outcome?.kind === 'fail');
    const own = said.find(({ report }) => report.name === ours);
    if (reds.length === 0 && (own === undefined || own.outcome?.kind === 'pass')) return [];
    const marks = outcomes.map(({ outcome }) => (outcome === undefined ? ' ' : MARKS[outcome.kind])).join('');
    const reasons = said
      .filter(
        ({ report, outcome }) =>
          outcome?.kind === 'fail' || (report.name === ours && outcome?.kind !== 'pass'),
      )
      .map(({ report, outcome }) =>
        outcome === undefined || outcome.kind === 'pass' ? '' : `        ${report.name}: ${outcome.reason}`,
      );
    return [`[${marks}] ${one.id}`, `        ${one.page}`, ...reasons];
  });
}

/** Everything a reader wants on one screen or more. */
export function printMatrix(
  cases: readonly ConformanceCase[],
  reports: readonly EngineReport[],
  ours: string,
): string {
  const columns = ran(reports);
  const absent = reports.filter((report) => report.kind === 'not-available');
  const order = columns.map(({ name }) => name).join(', ');
  return [
    alignedTable(summaryRows(cases, reports)),
    '',
    'passed/answered; (n.) = n cases the engine refuses by name or lacks the means for; - = service not offered',
    ...absent.map(({ name, reason }) => `${name}: not available: ${reason}`),
    '',
    `where engines disagree or ours is not green (+ pass, x fail, . unsupported; columns: ${order}):`,
    ...disputedRows(cases, reports, ours),
  ].join('\n');
}
