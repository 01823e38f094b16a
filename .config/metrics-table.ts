import { METRICS } from '../lib/runtime/index.js';

const TABLE = /(<!-- metrics -->\n)[^]*?(<!-- \/metrics -->)/;

/** Every metric of the runtime, as the table of docs/observability.md. */
export function renderMetricsTable(): string {
  const rows = Object.entries(METRICS).map(
    ([name, { cloudWatch, kind, unit, words }]) =>
      `| \`${name}\` | \`${cloudWatch}\` | ${kind} | ${unit} | ${words} |\n`,
  );
  return `| OpenTelemetry | CloudWatch | kind | unit | |\n|---|---|---|---|---|\n${rows.join('')}`;
}

/** The page with the table between its marks; pages without marks as they are. */
export function replaceMetricsTable(page: string, table: string): string {
  return page.replace(TABLE, (_, before: string, after: string) => `${before}${table}${after}`);
}
