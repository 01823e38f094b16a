/** A message that waits for its turn. */
export interface Waiting {
  readonly key: number;
  readonly group?: string;
}

/**
 * Who is next. Without groups: in order of arrival. With groups (FIFO): groups in parallel, inside a group strictly one
 * after the other, the next not before the one ahead is finished.
 */
export interface ReadyQueue {
  readonly size: number;
  add(message: Waiting): void;
  /** The next message that may start, taken out; undefined when all that wait stand behind one that runs. */
  take(): Waiting | undefined;
  /** The one ahead in this group is finished, well or not: the next may start. */
  finish(message: Waiting): void;
  /** Takes out everything that waits in this group, in order. */
  takeGroup(group: string): readonly Waiting[];
  /** Takes out one message, wherever it stands. */
  remove(message: Waiting): void;
  /** Takes out everything, in order of arrival inside each group. */
  takeAll(): readonly Waiting[];
}

/** Plain order of arrival, for standard queues. */
export function createArrivalQueue(): ReadyQueue {
  let waiting: Waiting[] = [];
  return {
    get size() {
      return waiting.length;
    },
    add: (message) => void waiting.push(message),
    take: () => waiting.shift(),
    finish: () => undefined,
    takeGroup: () => [],
    remove: ({ key }) => void (waiting = waiting.filter((message) => message.key !== key)),
    takeAll: () => waiting.splice(0),
  };
}

interface Lane {
  running: number | undefined;
  readonly waiting: Waiting[];
}

/** Groups in parallel, order inside each, for FIFO queues. */
export function createGroupQueue(): ReadyQueue {
  const lanes = new Map<string, Lane>();
  const ready = new Set<string>(); // groups with a waiting head and nothing running, in the order they became so
  let size = 0;

  const laneOf = (group: string): Lane => {
    const lane = lanes.get(group) ?? { running: undefined, waiting: [] };
    lanes.set(group, lane);
    return lane;
  };
  const settle = (group: string, lane: Lane): void => {
    const isReady = lane.running === undefined && lane.waiting.length > 0;
    if (isReady) ready.add(group);
    else ready.delete(group);
    if (lane.running === undefined && lane.waiting.length === 0) lanes.delete(group);
  };
  const change = (group: string, alter: (lane: Lane) => void): void => {
    const lane = laneOf(group);
    const before = lane.waiting.length;
    alter(lane);
    size += lane.waiting.length - before;
    settle(group, lane);
  };

  return {
    get size() {
      return size;
    },
    add: (message) => change(groupOf(message), (lane) => void lane.waiting.push(message)),
    take: () => {
      const [group] = ready;
      if (group === undefined) return undefined;
      let head: Waiting | undefined;
      change(group, (lane) => {
        head = lane.waiting.shift();
        lane.running = head?.key;
      });
      return head;
    },
    finish: (message) =>
      change(groupOf(message), (lane) => {
        if (lane.running === message.key) lane.running = undefined;
      }),
    takeGroup: (group) => {
      let taken: Waiting[] = [];
      change(group, (lane) => void (taken = lane.waiting.splice(0)));
      return taken;
    },
    remove: (message) =>
      change(groupOf(message), (lane) => {
        const index = lane.waiting.findIndex(({ key }) => key === message.key);
        if (index >= 0) lane.waiting.splice(index, 1);
      }),
    takeAll: () => {
      const taken: Waiting[] = [];
      for (const group of [...lanes.keys()])
        change(group, (lane) => void taken.push(...lane.waiting.splice(0)));
      return taken;
    },
  };
}

/** A FIFO message always has a group; one without would stand alone. */
function groupOf(message: Waiting): string {
  return message.group ?? `\u0000${message.key}`;
}
