import type { DemoReport, QueueReport, ReaderReport } from './model.js';

type Cell = string | number;

/** The report for people at a terminal. */
export function renderTerminal(report: DemoReport, page: string): string {
  const { queues, stream, incidents, calls, cost, notCreated, otherFaults } = report;
  return [
    heading('Queues'),
    table(
      [
        'queue',
        'published',
        'delivered',
        'handled',
        'duplicates',
        'redelivered',
        'dead letters',
        'lost',
        'doubled',
        'out of order',
      ],
      queues.map(queueRow),
    ),
    ...queues.flatMap((queue) =>
      queue.deadLettered.map(({ what, reason }) => `  ${queue.queue}: ${what} → ${shorten(reason)}`),
    ),
    heading('Stream Flights'),
    `  ${figure(stream.produced)} records in ${figure(stream.kinesisRecords)} Kinesis records, ${(stream.bytes / 1e6).toFixed(1)} MB`,
    table(
      ['reader', 'produced', 'handled once', 'redelivered', 'lost', 'doubled', 'airports out of order'],
      stream.readers.map(readerRow),
    ),
    heading('What was done to it'),
    ...incidents.map(({ at, what }) => `  ${at.toFixed(1).padStart(6)} s  ${what}`),
    heading('API calls'),
    table(
      ['service', 'operation', 'calls', 'per unit', ''],
      calls.map((call) => [
        call.service,
        call.operation,
        call.calls,
        call.perUnit?.toFixed(3) ?? '',
        call.unit,
      ]),
    ),
    heading('Cost of this run at list price (us-east-1, no free tier)'),
    table(
      ['what', 'units', 'USD'],
      cost.map(({ what, units, usd }) => [what, Math.ceil(units), usd.toFixed(6)]),
    ),
    ...(notCreated.length === 0
      ? []
      : [
          heading('In the templates, not in a local run'),
          `  ${notCreated.map(({ type, count }) => `${type} × ${count}`).join(', ')}`,
        ]),
    ...otherFaults.map((fault) => `  FAULT: ${fault}`),
    '',
    verdict(report),
    `  seed ${report.seed} · ${report.seconds.toFixed(1)} s · ${page}`,
  ].join('\n');
}

/** One line that says it all. */
export function verdict(report: DemoReport): string {
  const parts = [...report.queues, ...report.stream.readers];
  const lost = parts.reduce((sum, part) => sum + count(part.lost), 0);
  const doubled = parts.reduce((sum, part) => sum + count(part.doubled), 0);
  const disordered =
    report.queues.reduce((sum, queue) => sum + queue.outOfOrder.length, 0) +
    report.stream.readers.reduce((sum, reader) => sum + reader.disorderedAirports.length, 0);
  const words = `${lost} lost, ${doubled} handled twice in effect, ${disordered} out of order`;
  return report.isRight
    ? `OK: ${words}`
    : `FAILED: ${words}; other faults: ${report.otherFaults.length + otherLedgerFaults(report)}`;
}

function otherLedgerFaults({ queues, stream }: DemoReport): number {
  return (
    queues.reduce((sum, queue) => sum + queue.unexpected.length + queue.deadLetterFaults.length, 0) +
    stream.readers.reduce((sum, reader) => sum + reader.otherFaults.length, 0)
  );
}

const count = (faults: number | readonly string[]): number =>
  typeof faults === 'number' ? faults : faults.length;

function queueRow(queue: QueueReport): Cell[] {
  const {
    published,
    delivered,
    inEffectOnce,
    duplicatesSuppressed,
    redelivered,
    deadLettered,
    lost,
    doubled,
    outOfOrder,
  } = queue;
  return [
    queue.queue,
    published,
    delivered,
    inEffectOnce,
    duplicatesSuppressed,
    redelivered,
    deadLettered.length,
    lost.length,
    doubled.length,
    outOfOrder.length,
  ];
}

function readerRow(reader: ReaderReport): Cell[] {
  const { produced, handledOnce, redelivered, lost, doubled, disorderedAirports } = reader;
  return [
    reader.isKilled ? `${reader.reader} (killed)` : reader.reader,
    produced,
    handledOnce,
    redelivered,
    lost,
    doubled,
    disorderedAirports.length,
  ];
}

const heading = (text: string): string => `\n${text}`;

const figure = (value: number): string => value.toLocaleString('en-US');

const shorten = (text: string): string => (text.length > 110 ? `${text.slice(0, 107)}...` : text);

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => (typeof cell === 'number' ? figure(cell) : cell)),
  );
  const widths = head.map((_name, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isText = head.map((_name, column) =>
    rows.every((row) => typeof row[column] === 'string' && !/^[\d.,]+$/.test(row[column])),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          isText[column] === true ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n');
}
