import type { Clock, Timer } from '../../core/clock.js';
import { createCheckpointTracker } from '../../core/stream/checkpoint-tracker.js';
import { compareCheckpoints, type Checkpoint, type Position } from '../../core/stream/position.js';
import type { FencedOutcome } from '../stores/lease-store.js';

/** What {@link Checkpointer} needs. */
export interface CheckpointerOptions {
  readonly clock: Clock;
  /** Where the shard stood when the lease was taken. */
  readonly from: Checkpoint;
  /** Longest time a completed position waits to be stored. */
  readonly everyMs: number;
  readonly store: (checkpoint: Checkpoint) => Promise<FencedOutcome>;
  readonly onLost: () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Stores how far one shard was handled: the lowest contiguous completed position, at most once per interval, one write
 * at a time. A failed write is made up for by the next, which stores a later position anyway.
 */
export class Checkpointer {
  private readonly options: CheckpointerOptions;
  private readonly tracker = createCheckpointTracker<Position>();
  private reached: Checkpoint;
  private stored: Checkpoint;
  private timer: Timer | undefined;
  private writing: Promise<void> | undefined;

  constructor(options: CheckpointerOptions) {
    this.options = options;
    this.reached = options.from;
    this.stored = options.from;
  }

  /** How far the shard was handled, stored or not. */
  get checkpoint(): Checkpoint {
    return this.reached;
  }

  /** Notes that records up to `position` are being handled. */
  open(position: Position): number {
    return this.tracker.open(position);
  }

  /** Notes that they are handled, and stores it in time. */
  complete(ticket: number): void {
    this.tracker.complete(ticket);
    const position = this.tracker.contiguous();
    if (position !== undefined) this.advance({ kind: 'at', position });
    if (compareCheckpoints(this.stored, this.reached) >= 0) return;
    this.timer ??= this.options.clock.schedule(this.options.everyMs, () => {
      this.timer = undefined;
      this.writing ??= this.write().finally(() => (this.writing = undefined));
    });
  }

  /** Notes a position that was stored by somebody else's transaction. */
  noteStored(checkpoint: Checkpoint): void {
    this.advance(checkpoint);
    if (compareCheckpoints(this.stored, checkpoint) < 0) this.stored = checkpoint;
  }

  /** Stops the interval and waits for the write under way: what comes after is the only writer. */
  async quiesce(): Promise<void> {
    this.timer?.cancel();
    this.timer = undefined;
    await this.writing;
  }

  private advance(checkpoint: Checkpoint): void {
    if (compareCheckpoints(this.reached, checkpoint) < 0) this.reached = checkpoint;
  }

  private async write(): Promise<void> {
    const checkpoint = this.reached;
    if (compareCheckpoints(this.stored, checkpoint) >= 0) return;
    try {
      if ((await this.options.store(checkpoint)) === 'lost') this.options.onLost();
      else this.noteStored(checkpoint);
    } catch (error) {
      this.options.onError(error);
    }
  }
}
