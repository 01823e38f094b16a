import type { VirtualClock } from '../../lib/testing/index.js';
import type { WorkerEvent } from '../../lib/runtime/index.js';
import type { Account } from './account.js';
import type { Build } from './build.js';
import type { History } from './history.js';
import type { Ledger } from './ledger.js';
import type { NetworkParts } from './network.js';
import type { ProcessWorld } from './process-world.js';
import type { Scenario } from './scenario.js';

/** Where the processes of one run live. */
export interface Site {
  readonly scenario: Scenario;
  readonly build: Build;
  readonly clock: VirtualClock;
  readonly account: Account;
  readonly history: History;
  readonly ledger: Ledger;
  /** Number of the run in this process: the stores are shared, keys are not. */
  readonly run: number;
  networkParts(world: ProcessWorld): NetworkParts;
  /** Told every crossing of a process's border. Undefined when nobody counts: names of timers cost. */
  readonly onCross: ((name: string, hasCrashed: boolean) => void) | undefined;
  /** Told what workers tell. */
  readonly onTold: (event: WorkerEvent) => void;
}
