import type { Topology, TopologyEdge, TopologyNode } from './topology.js';

/** Where a node is drawn, in pixels. */
export interface PlacedNode {
  readonly node: TopologyNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Whether it only keeps company to another: dead letters, tables. Those are drawn smaller. */
  readonly isCompanion: boolean;
}

/** An edge with the points it joins. */
export interface PlacedEdge {
  readonly edge: TopologyEdge;
  readonly start: { readonly x: number; readonly y: number };
  readonly end: { readonly x: number; readonly y: number };
}

/** Nodes and edges with places, by stack from top to bottom. */
export interface TopologyLayout {
  readonly width: number;
  readonly height: number;
  readonly headings: readonly { readonly text: string; readonly y: number }[];
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/** Columns from left to right: what is sent to, who works on it, what stands behind. Gaps leave room for filters. */
const COLUMNS = {
  source: { x: 28, width: 216 },
  worker: { x: 500, width: 232 },
  companion: { x: 880, width: 276 },
} as const;

const SIZE = {
  width: 1_184,
  margin: 28,
  box: 78,
  smallBox: 52,
  smallPitch: 62,
  groupGap: 26,
  heading: 44,
  arrival: 30,
} as const;

type Column = keyof typeof COLUMNS;

/** A worker with everything that stands behind it. */
interface Group {
  readonly worker: TopologyNode;
  /** In the order they are drawn; undefined leaves the row empty. */
  readonly companions: readonly (TopologyNode | undefined)[];
}

/** Places a topology in three columns: topic → queue → dead letters, stream → reader → leases. */
export function layOutTopology(topology: Topology): TopologyLayout {
  const plan = planGroups(topology);
  const placed = new Map<string, PlacedNode>();
  const headings: { text: string; y: number }[] = [];
  const place = (
    node: TopologyNode,
    column: Column,
    at: { readonly y: number; readonly height: number },
  ): void => {
    placed.set(node.id, { node, ...COLUMNS[column], ...at, isCompanion: column === 'companion' });
  };

  let y: number = SIZE.margin;
  for (const { stack, sources, groupsOf, loose } of plan) {
    headings.push({ text: stack, y: y + 14 });
    y += SIZE.heading;
    for (const source of [...sources, undefined]) {
      const groups = source === undefined ? loose : (groupsOf.get(source.id) ?? []);
      const top = y;
      for (const group of groups) y = placeGroup(group, y, { topology, place });
      const bottom = groups.length === 0 && source !== undefined ? top + SIZE.box + SIZE.groupGap : y;
      if (source !== undefined) {
        const middle = (top + bottom - SIZE.groupGap) / 2;
        place(source, 'source', { y: middle - SIZE.box / 2, height: SIZE.box });
      }
      y = bottom;
    }
  }
  const nodes = [...placed.values()];
  return {
    width: SIZE.width,
    height: y + SIZE.margin / 2,
    headings,
    nodes,
    edges: placeEdges(topology.edges, placed),
  };
}

interface PlaceContext {
  readonly topology: Topology;
  readonly place: (
    node: TopologyNode,
    column: Column,
    at: { readonly y: number; readonly height: number },
  ) => void;
}

/** Returns where the next group may begin. */
function placeGroup({ worker, companions }: Group, top: number, { topology, place }: PlaceContext): number {
  const arrivals = topology.edges.filter(({ to }) => to === worker.id).length;
  const height = Math.max(SIZE.box, (arrivals + 1) * SIZE.arrival);
  place(worker, 'worker', { y: top, height });
  companions.forEach((companion, row) => {
    // The first stands level with its worker's middle, the others below, so that lines to them pass under the worker.
    const offset = (SIZE.box - SIZE.smallBox) / 2 + row * SIZE.smallPitch;
    if (companion !== undefined) place(companion, 'companion', { y: top + offset, height: SIZE.smallBox });
  });
  const rows = (SIZE.box - SIZE.smallBox) / 2 + (companions.length - 1) * SIZE.smallPitch + SIZE.smallBox;
  return top + Math.max(height, rows) + SIZE.groupGap;
}

interface StackPlan {
  readonly stack: string;
  readonly sources: readonly TopologyNode[];
  readonly groupsOf: ReadonlyMap<string, readonly Group[]>;
  /** Groups that nothing in the assembly feeds. */
  readonly loose: readonly Group[];
}

/** Decides what stands where; everything is placed once, with the first that leads to it. */
function planGroups({ nodes, edges }: Topology): readonly StackPlan[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const isSource = ({ kind }: TopologyNode): boolean => kind === 'topic' || kind === 'stream';
  const taken = new Set<string>(nodes.filter(isSource).map(({ id }) => id));
  const take = (id: string): TopologyNode[] => {
    const node = byId.get(id);
    if (node === undefined || taken.has(id)) return [];
    taken.add(id);
    return [node];
  };
  const companionsOf = (worker: TopologyNode): Group['companions'] => {
    const own = edges.filter(({ from }) => from === worker.id).flatMap(({ to }) => take(to));
    const undeliverable = edges
      .filter(({ meantFor }) => meantFor === worker.id)
      .flatMap(({ to }) => take(to));
    const isFirstRowFree = own.length === 0 && undeliverable.length > 0;
    return [...own, ...(isFirstRowFree ? [undefined] : []), ...undeliverable];
  };
  const groupOf = (worker: TopologyNode): Group => ({ worker, companions: companionsOf(worker) });

  const groupsOf = new Map(
    nodes.filter(isSource).map((source) => {
      const fed = edges.filter(({ from, kind }) => from === source.id && kind !== 'dead-letters');
      return [source.id, fed.flatMap(({ to }) => take(to)).map(groupOf)];
    }),
  );
  const stacks = [...new Set(nodes.map(({ stack }) => stack))].filter((stack) => stack !== '');
  return stacks.map((stack) => ({
    stack,
    sources: nodes.filter((node) => node.stack === stack && isSource(node)),
    groupsOf,
    loose: nodes
      .filter((node) => node.stack === stack && node.kind !== 'dead-letter-queue')
      .flatMap(({ id }) => take(id))
      .map(groupOf),
  }));
}

function placeEdges(edges: readonly TopologyEdge[], placed: ReadonlyMap<string, PlacedNode>): PlacedEdge[] {
  const arrived = new Map<string, number>();
  const total = new Map<string, number>();
  for (const { to } of edges) total.set(to, (total.get(to) ?? 0) + 1);
  return edges.flatMap((edge) => {
    const from = placed.get(edge.from);
    const to = placed.get(edge.to);
    if (from === undefined || to === undefined) return [];
    const index = arrived.get(edge.to) ?? 0;
    arrived.set(edge.to, index + 1);
    const spread = (index - ((total.get(edge.to) ?? 1) - 1) / 2) * (to.isCompanion ? 12 : SIZE.arrival);
    return [
      {
        edge,
        start: { x: from.x + from.width, y: from.y + from.height / 2 },
        end: { x: to.x, y: to.y + to.height / 2 + spread },
      },
    ];
  });
}
