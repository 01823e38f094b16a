import type { Clock, Timer } from '../../core/clock.js';
import type { LeaseStore } from '../stores/lease-store.js';
import { sleep } from '../system/sleep.js';

/** What {@link Heartbeat} needs. */
export interface HeartbeatOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly workerId: string;
  /** After this time without a heartbeat others take the worker's leases. */
  readonly failoverMs: number;
  /** How much earlier this worker stops by itself. */
  readonly marginMs: number;
  /** The worker's leases may be others' now. */
  readonly onLapse: () => void;
  readonly onError: (error: unknown) => void;
}

const BEATS_PER_FAILOVER = 3;
const RETRIES_PER_FAILOVER = 10;

/**
 * One counter per worker, raised three times per failover time, stands for all of its leases. This worker counts its
 * time from the *start* of a successful write, others from the *end* of a read that saw it: whatever the network does in
 * between, this worker stops before they begin.
 */
export class Heartbeat {
  private readonly options: HeartbeatOptions;
  private readonly stopping = new AbortController();
  private validUntil = Number.NEGATIVE_INFINITY;
  private isDraining = false;
  private lapse: Timer | undefined;
  private loop: Promise<void> | undefined;

  constructor(options: HeartbeatOptions) {
    this.options = options;
  }

  /** Whether work that begins now is covered by the leases. */
  get isSafe(): boolean {
    return this.options.clock.monotonic() < this.validUntil;
  }

  /** Beats once, and from then on by itself. Rejects when the first heartbeat can't be written. */
  async start(): Promise<void> {
    await this.beat();
    this.loop = this.run();
  }

  /** Tells the others not to count on this worker any more; its leases stay valid. */
  async announceDrain(): Promise<void> {
    this.isDraining = true;
    await this.beat();
  }

  /** Stops beating and waits for the write under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.lapse?.cancel();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { clock, failoverMs, onError } = this.options;
    let pauseMs = failoverMs / BEATS_PER_FAILOVER;
    while ((await sleep(clock, pauseMs, this.stopping.signal)) === 'elapsed') {
      try {
        const startedAt = clock.monotonic();
        await this.beat();
        pauseMs = Math.max(0, failoverMs / BEATS_PER_FAILOVER - (clock.monotonic() - startedAt));
      } catch (error) {
        onError(error);
        pauseMs = failoverMs / RETRIES_PER_FAILOVER;
      }
    }
  }

  private async beat(): Promise<void> {
    const { store, clock, workerId, failoverMs, marginMs, onLapse } = this.options;
    const startedAt = clock.monotonic();
    await store.beat({ workerId, isDraining: this.isDraining });
    this.validUntil = startedAt + failoverMs - marginMs;
    this.lapse?.cancel();
    if (this.stopping.signal.aborted) return;
    this.lapse = clock.schedule(Math.max(0, this.validUntil - clock.monotonic()), onLapse);
  }
}
