/** A message that waits for its turn. */
export interface Waiting {
  readonly key: number;
  readonly group?: string | undefined;
  /** What it takes up in memory. @default 0 */
  readonly bytes?: number;
}

/** Who is next among messages that wait. */
export interface ReadyQueue {
  readonly size: number;
  /** What all that wait take up in memory. */
  readonly bytes: number;
  /** How many wait in the group that has most of them; messages without a group don't count. */
  readonly largestGroup: number;
  /** How many could start now, given slots: of a FIFO group the first, and none behind one that runs. */
  readonly startable: number;
  add(message: Waiting): void;
  /** The next message that may start, taken out; undefined when all that wait stand behind one that runs. */
  take(): Waiting | undefined;
  /** The one ahead in this group is finished, well or not: the next may start. */
  finish(message: Waiting): void;
  /** What waits in this group, in order. */
  peekGroup(group: string): readonly Waiting[];
  /** Takes out everything that waits in this group, in order. */
  takeGroup(group: string): readonly Waiting[];
  /** Takes out one message, wherever it stands. */
  remove(message: Waiting): void;
  /** Takes out everything, in order of arrival inside each group. */
  takeAll(): readonly Waiting[];
}

/**
 * For standard queues: groups (the tenants of a fair queue) in rotation, so that one who has sent much does not hold up
 * the others; inside a group, and where there are no groups, in order of arrival.
 */
export function createArrivalQueue(): ReadyQueue {
  return new LaneQueue(false);
}

/** For FIFO queues: groups in parallel, inside a group one after the other, the next not before the one ahead is finished. */
export function createGroupQueue(): ReadyQueue {
  return new LaneQueue(true);
}

interface Lane {
  running: number | undefined;
  readonly waiting: Waiting[];
}

/** Where messages without a group stand on a standard queue. */
const UNGROUPED = '\u0000';

class LaneQueue implements ReadyQueue {
  readonly #isSerial: boolean;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes whose head may start, in the order of their turns. */
  readonly #ready = new Set<string>();
  #size = 0;
  #bytes = 0;

  constructor(isSerial: boolean) {
    this.#isSerial = isSerial;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get startable(): number {
    return this.#isSerial ? this.#ready.size : this.#size;
  }

  get largestGroup(): number {
    let largest = 0;
    for (const [name, { waiting }] of this.#lanes)
      if (!name.startsWith(UNGROUPED)) largest = Math.max(largest, waiting.length);
    return largest;
  }

  add(message: Waiting): void {
    const name = this.#laneOf(message);
    const lane = this.#lanes.get(name) ?? { running: undefined, waiting: [] };
    this.#lanes.set(name, lane);
    lane.waiting.push(message);
    this.#size += 1;
    this.#bytes += message.bytes ?? 0;
    this.#settle(name, lane);
  }

  take(): Waiting | undefined {
    const [name] = this.#ready;
    const lane = name === undefined ? undefined : this.#lanes.get(name);
    if (name === undefined || lane === undefined) return undefined;
    const [head] = this.#takeOut(lane, 0, 1);
    if (this.#isSerial) lane.running = head?.key;
    this.#ready.delete(name); // its next turn comes after those of the others
    this.#settle(name, lane);
    return head;
  }

  finish(message: Waiting): void {
    const name = this.#laneOf(message);
    const lane = this.#lanes.get(name);
    if (lane === undefined || lane.running !== message.key) return;
    lane.running = undefined;
    this.#settle(name, lane);
  }

  peekGroup(group: string): readonly Waiting[] {
    return this.#lanes.get(group)?.waiting ?? [];
  }

  takeGroup(group: string): readonly Waiting[] {
    const lane = this.#lanes.get(group);
    if (lane === undefined) return [];
    const taken = this.#takeOut(lane, 0, lane.waiting.length);
    this.#settle(group, lane);
    return taken;
  }

  remove(message: Waiting): void {
    const name = this.#laneOf(message);
    const lane = this.#lanes.get(name);
    const index = lane?.waiting.findIndex(({ key }) => key === message.key) ?? -1;
    if (lane === undefined || index < 0) return;
    this.#takeOut(lane, index, 1);
    this.#settle(name, lane);
  }

  takeAll(): readonly Waiting[] {
    const taken: Waiting[] = [];
    for (const [name, lane] of [...this.#lanes]) {
      taken.push(...this.#takeOut(lane, 0, lane.waiting.length));
      this.#settle(name, lane);
    }
    return taken;
  }

  #takeOut(lane: Lane, from: number, count: number): readonly Waiting[] {
    const taken = lane.waiting.splice(from, count);
    this.#size -= taken.length;
    for (const { bytes = 0 } of taken) this.#bytes -= bytes;
    return taken;
  }

  #settle(name: string, lane: Lane): void {
    const { running, waiting } = lane;
    if (running === undefined && waiting.length > 0) this.#ready.add(name);
    else this.#ready.delete(name);
    if (running === undefined && waiting.length === 0) this.#lanes.delete(name);
  }

  /** A FIFO message always has a group; one without would stand alone. */
  #laneOf({ key, group }: Waiting): string {
    return group ?? (this.#isSerial ? `${UNGROUPED}${key}` : UNGROUPED);
  }
}
