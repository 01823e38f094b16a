import type { Topology, TopologyEdge, TopologyNode, TopologyNodeKind } from './topology.js';
import { layOutTopology, type PlacedEdge, type PlacedNode } from './topology-layout.js';

const KIND_WORDS: Readonly<Record<TopologyNodeKind, string>> = {
  topic: 'topic',
  queue: 'queue',
  'dead-letter-queue': 'DLQ',
  stream: 'stream',
  reader: 'reader',
  table: 'table',
  function: 'function',
  'delivery-stream': 'delivery stream',
  outside: 'subscriber elsewhere',
};

const VERBS: Readonly<Record<TopologyEdge['kind'], string>> = {
  delivers: 'delivers to',
  'dead-letters': 'dead-letters to',
  reads: 'is read by',
  keeps: 'keeps state in',
};

/** Colours as custom properties, once for light and once for dark; everything else refers to them. */
const STYLE = `
.mr { --paper: #ffffff; --ink: #1c2330; --muted: #5b6577; --line: #8a94a6; --box: #f6f7f9; --edge: #dfe3ea;
  --topic: #b4540a; --queue: #1d5fc4; --dead: #c02b37; --stream: #6b3fc0; --reader: #0b7a75; --table: #57606f; --other: #8a6d00;
  font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
@media (prefers-color-scheme: dark) { .mr { --paper: #12161d; --ink: #e8ecf3; --muted: #9aa5b8; --line: #6c778b; --box: #1b212b; --edge: #2d3644;
  --topic: #f0a35e; --queue: #78aefc; --dead: #ff8088; --stream: #b59bff; --reader: #4fd0c8; --table: #a7b0bf; --other: #e0c04f; } }
.mr .paper { fill: var(--paper); }
.mr .box { fill: var(--box); stroke: var(--edge); }
.mr .kind { fill: var(--muted); font-size: 11px; letter-spacing: .04em; }
.mr .name { fill: var(--ink); font-size: 14px; font-weight: 600; }
.mr .small .name { font-size: 12.5px; font-weight: 500; }
.mr .detail { fill: var(--muted); font-size: 11.5px; }
.mr .stack { fill: var(--muted); font-size: 13px; font-weight: 600; }
.mr .rule { stroke: var(--edge); }
.mr .alarms { fill: var(--muted); font-size: 11px; text-anchor: end; }
.mr .way { fill: none; stroke: var(--line); stroke-width: 1.6; }
.mr .tip { fill: var(--line); }
.mr .dead-letters .way { stroke: var(--dead); stroke-dasharray: 5 4; stroke-width: 1.3; }
.mr .dead-letters .tip { fill: var(--dead); }
.mr .keeps .way { stroke-dasharray: 1.5 4; stroke-linecap: round; }
.mr .word { fill: var(--muted); font-size: 11px; text-anchor: end; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
.mr .topic { fill: var(--topic); } .mr .queue { fill: var(--queue); } .mr .dead-letter-queue { fill: var(--dead); }
.mr .stream { fill: var(--stream); } .mr .reader { fill: var(--reader); } .mr .table { fill: var(--table); }
.mr .function, .mr .delivery-stream, .mr .outside { fill: var(--other); }`;

/**
 * Draws a topology as one self-contained SVG: topics, queues and dead letters (or streams, readers and leases) from
 * left to right, stack under stack. It follows the reader's light or dark setting, uses the system's own font, and says
 * in its description what it shows, for those who don't see it.
 */
export function drawTopology(topology: Topology): string {
  const { width, height, headings, nodes, edges } = layOutTopology(topology);
  const owners = new Map(topology.edges.map((edge) => [edge.to, edge.meantFor ?? edge.from]));
  const labels = new Map(topology.nodes.map((node) => [node.id, node.label]));
  const shortLabel = (node: TopologyNode): string => {
    const owner = labels.get(owners.get(node.id) ?? '');
    return owner !== undefined && node.label.startsWith(`${owner}/`)
      ? node.label.slice(owner.length + 1)
      : node.label;
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="mr" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="mr-title mr-desc">`,
    '<title id="mr-title">How messages and records flow</title>',
    `<desc id="mr-desc">${escape(describe(topology, labels))}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="10"/>`,
    ...headings.map(
      ({ text, y }) =>
        `<text class="stack" x="28" y="${y}">${escape(text)}</text><path class="rule" d="M28 ${y + 9.5}H${width - 28}"/>`,
    ),
    ...edges.map(drawWay),
    ...nodes.map((placed) => drawNode(placed, shortLabel(placed.node))),
    ...edges.map(drawWords),
    '</svg>\n',
  ].join('\n');
}

/** The drawing in words, one statement per edge; nodes that nothing leads to or from are named by themselves. */
function describe({ nodes, edges }: Topology, labels: ReadonlyMap<string, string>): string {
  const statements = edges.map(({ from, to, kind, label }) => {
    const words = label === undefined ? '' : ` (${label})`;
    return `${labels.get(from) ?? from} ${VERBS[kind]} ${labels.get(to) ?? to}${words}.`;
  });
  const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const alone = nodes
    .filter(({ id }) => !linked.has(id))
    .map(({ kind, label }) => `${KIND_WORDS[kind]} ${label}.`);
  return [...statements, ...alone].join(' ');
}

function drawNode({ node, x, y, width, height, isCompanion }: PlacedNode, label: string): string {
  const left = x + 16;
  const room = Math.floor((width - 30) / (isCompanion ? 7.1 : 8));
  const [first, ...others] = node.details;
  const isFifo = first === 'FIFO';
  const details = (isFifo ? others : node.details).join(' · ');
  const caption = [
    KIND_WORDS[node.kind],
    ...(isFifo ? ['FIFO'] : []),
    ...(isCompanion && details !== '' ? [details] : []),
  ];
  const captionRoom = Math.floor((width - (node.alarms > 0 ? 90 : 30)) / 6);
  const middle = y + height / 2;
  const lines = isCompanion || details === '' ? [-6, 12] : [-16, 2, 20];
  return [
    `<g class="${isCompanion ? 'small' : 'large'}"><title>${escape(`${KIND_WORDS[node.kind]} ${node.label} in stack ${node.stack}: ${node.details.join(', ')}`)}</title>`,
    `<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="7"/>`,
    `<rect class="${node.kind}" x="${x}" y="${y}" width="5" height="${height}" rx="2.5"/>`,
    text('kind', left, middle + (lines[0] ?? 0), cut(caption.join(' · '), captionRoom)),
    text('name', left, middle + (lines[1] ?? 0), cut(label, room)),
    ...(lines.length > 2
      ? [text('detail', left, middle + (lines[2] ?? 0), cut(details, Math.floor((width - 30) / 6.2)))]
      : []),
    ...(node.alarms > 0
      ? [
          text(
            'alarms',
            x + width - 12,
            middle + (lines[0] ?? 0),
            node.alarms === 1 ? '1 alarm' : `${node.alarms} alarms`,
          ),
        ]
      : []),
    '</g>',
  ].join('');
}

/** Ways leave and arrive level, so that many of them stay apart and easy to follow. */
function drawWay({ edge, start, end }: PlacedEdge): string {
  const tip = end.x - 1;
  const base = end.x - 8;
  // What passes under the column of workers turns before it, and then goes straight.
  const bend = edge.meantFor === undefined ? (start.x + base) / 2 : start.x + 100;
  const flat = edge.meantFor === undefined ? base : start.x + 200;
  return [
    `<g class="${edge.kind}">`,
    `<path class="way" d="M${start.x} ${start.y}C${bend} ${start.y} ${bend} ${end.y} ${flat} ${end.y}H${base}"/>`,
    `<path class="tip" d="M${tip} ${end.y}L${base} ${end.y - 4}V${end.y + 4}Z"/></g>`,
  ].join('');
}

/** Words stand on the side that their way does not come from, by its last, level part; a filter has one line per key. */
function drawWords({ edge, start, end }: PlacedEdge): string {
  if (edge.label === undefined) return '';
  const right = end.x - 14;
  const room = Math.floor((edge.meantFor === undefined ? right - start.x : 140) / 6);
  const lines = edge.label.split(' · ');
  const shown = lines.length > 3 ? [...lines.slice(0, 2), `… and ${lines.length - 2} more`] : lines;
  const comesFromAbove = start.y < end.y && edge.meantFor === undefined;
  const top = comesFromAbove ? end.y + 16 : end.y - 7 - (shown.length - 1) * 14;
  const words = shown.map((line, index) => text('word', right, top + index * 14, cut(line, room)));
  return `<g><title>${escape(edge.label)}</title>${words.join('')}</g>`;
}

const text = (kind: string, x: number, y: number, words: string): string =>
  `<text class="${kind}" x="${x}" y="${y}">${escape(words)}</text>`;

const cut = (words: string, room: number): string =>
  words.length > room ? `${words.slice(0, room - 1)}…` : words;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (words: string): string =>
  words.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
