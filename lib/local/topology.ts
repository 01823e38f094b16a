/** What a node of a topology is. */
export type TopologyNodeKind =
  | 'topic'
  | 'queue'
  | 'dead-letter-queue'
  | 'stream'
  | 'reader'
  | 'table'
  | 'function'
  | 'delivery-stream'
  | 'outside';

/** One resource that messages or records pass, or that keeps track of them. */
export interface TopologyNode {
  /** `<stack>/<logical id>`; readers, which are no resource of their own, have `<stack>/<stream>/<reader>`. */
  readonly id: string;
  /** What it is, which decides how it is drawn. */
  readonly kind: TopologyNodeKind;
  /** The stack it is of. */
  readonly stack: string;
  /** Its name in the code: the construct id. */
  readonly label: string;
  /** What tells it from its like: `FIFO`, `4 shards`, `enhanced fan-out`. */
  readonly details: readonly string[];
  /** How many alarms watch it. */
  readonly alarms: number;
}

/** What an edge of a topology means. */
export type TopologyEdgeKind = 'delivers' | 'dead-letters' | 'reads' | 'keeps';

/** A way from one node to another. */
export interface TopologyEdge {
  /** Id of the node that gives. */
  readonly from: string;
  /** Id of the node that gets. */
  readonly to: string;
  /** What passes: messages, dead letters, records, or a note of them. */
  readonly kind: TopologyEdgeKind;
  /** Conditions, in words: the filter of a subscription, the receives before dead-lettering. @default - none */
  readonly label?: string;
  /** For what a subscription can't deliver: the subscriber it was meant for. @default - no subscription is involved */
  readonly meantFor?: string;
}

/** How messages and records flow through the stacks of a cloud assembly. */
export interface Topology {
  /** All resources that messages or records pass. */
  readonly nodes: readonly TopologyNode[];
  /** The ways between them. */
  readonly edges: readonly TopologyEdge[];
}
