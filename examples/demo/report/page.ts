import { STYLE } from './style.js';
import { verdict } from './terminal.js';
import type { DemoReport } from './model.js';

type Cell = string | number;

/** The report as one self-contained page: no script, nothing loaded from elsewhere. `topology` is an SVG. */
export function renderPage(report: DemoReport, topology: string): string {
  const { queues, stream, incidents, calls, cost, notCreated, otherFaults } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>millrace demo: ${escape(verdict(report))}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>millrace demo</h1>
<p class="verdict ${report.isRight ? 'right' : 'wrong'}">${escape(verdict(report))}</p>
<p class="meta">${escape(report.startedAt)} · ${report.seconds.toFixed(1)} s · seed ${report.seed}</p>
</header>
<section>
<h2>Topology</h2>
<p>Drawn from the synthesized cloud assembly.</p>
<div class="wide">${topology}</div>
</section>
<section>
<h2>Queues</h2>
<p>Held against what was published, by the effects the handlers wrote: not by the clients' own counters.</p>
${table(
  [
    'Queue',
    'Published',
    'Delivered',
    'Handled once',
    'Duplicates suppressed',
    'Redelivered',
    'Dead-lettered',
    'Lost',
    'Handled twice',
    'Out of order',
  ],
  queues.map((q) => [
    ...[
      q.queue,
      q.published,
      q.delivered,
      q.inEffectOnce,
      q.duplicatesSuppressed,
      q.redelivered,
      q.deadLettered.length,
    ],
    ...[fault(q.lost.length), fault(q.doubled.length), fault(q.outOfOrder.length)],
  ]),
)}
<h3>Dead letters</h3>
${table(
  ['Queue', 'What was wrong', 'Reason given'],
  queues.flatMap((q) => q.deadLettered.map(({ what, reason }) => [q.queue, what, reason])),
)}
${list(queues.flatMap((q) => [...q.deadLetterFaults, ...q.unexpected.map((id) => `${q.queue}: ${id} was never published for it`)]))}
</section>
<section>
<h2>Stream Flights</h2>
<p>${figure(stream.produced)} records in ${figure(stream.kinesisRecords)} aggregated Kinesis records, ${(stream.bytes / 1e6).toFixed(1)} MB, partition key = origin airport.</p>
${table(
  ['Reader', 'Produced', 'Handled once', 'Redelivered', 'Lost', 'Handled twice', 'Airports out of order'],
  stream.readers.map((r) => [
    ...[r.isKilled ? `${r.reader} (killed midway)` : r.reader, r.produced, r.handledOnce, r.redelivered],
    ...[fault(r.lost), fault(r.doubled), fault(r.disorderedAirports.length)],
  ]),
)}
${list(stream.readers.flatMap((r) => r.otherFaults.map((text) => `${r.reader}: ${text}`)))}
</section>
<section>
<h2>What was done to it</h2>
<ol class="incidents">${incidents.map(({ at, what }) => `<li><time>${at.toFixed(1)} s</time> ${escape(what)}</li>`).join('')}</ol>
${list(otherFaults)}
</section>
<section>
<h2>API calls</h2>
${table(
  ['Service', 'Operation', 'Calls', 'Per unit', 'Unit'],
  calls.map((c) => [c.service, c.operation, c.calls, c.perUnit?.toFixed(3) ?? '', c.unit]),
)}
</section>
<section>
<h2>Cost of this run</h2>
<p>List price, us-east-1, without free tiers.</p>
${table(
  ['What', 'Units', 'USD'],
  cost.map(({ what, units, usd }) => [what, Math.ceil(units), usd.toFixed(6)]),
)}
</section>
<section>
<h2>Time</h2>
${table(
  ['Phase', 'Seconds'],
  report.phases.map(({ name, seconds }) => [name, seconds.toFixed(1)]),
)}
</section>
<section>
<h2>In the templates, not in a local run</h2>
<p>${notCreated.length === 0 ? 'Everything was created.' : escape(notCreated.map(({ type, count }) => `${type} × ${count}`).join(', '))}</p>
</section>
</body>
</html>
`;
}

const WRONG = '✗ ';

/** A figure that must be 0: marked where it is not. */
const fault = (value: number): string => (value === 0 ? '0' : `${WRONG}${figure(value)}`);

const figure = (value: number): string => value.toLocaleString('en-US');

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '<p>None.</p>';
  const kinds = head.map((_name, column) =>
    rows.every((row) => isFigure(row[column] ?? '')) ? 'number' : '',
  );
  const heads = head.map((name, column) => `<th scope="col"${classOf(kinds[column])}>${escape(name)}</th>`);
  const body = rows.map(
    (row) => `<tr>${row.map((value, column) => cell(value, kinds[column])).join('')}</tr>`,
  );
  return `<div class="wide"><table>\n<thead><tr>${heads.join('')}</tr></thead>\n<tbody>${body.join('\n')}</tbody>\n</table></div>`;
}

function cell(value: Cell, kind = ''): string {
  const text = typeof value === 'number' ? figure(value) : value;
  const isWrong = text.startsWith(WRONG);
  return `<td${classOf([kind, isWrong ? 'wrong' : ''].filter(Boolean).join(' '))}>${escape(text)}</td>`;
}

const classOf = (kind = ''): string => (kind === '' ? '' : ` class="${kind}"`);

const isFigure = (value: Cell): boolean => typeof value === 'number' || /^(✗ )?[\d.,]*$/.test(value);

function list(faults: readonly string[]): string {
  return faults.length === 0
    ? ''
    : `<ul class="wrong">${faults.map((text) => `<li>${escape(text)}</li>`).join('')}</ul>`;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
