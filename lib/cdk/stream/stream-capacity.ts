import { Token } from 'aws-cdk-lib';
import { StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { refuseAll } from '../../core/errors.js';
import { checkCount } from '../bounds.js';

/** Shards a stream may have; accounts have quotas of their own below it. */
const MAX_SHARDS = 10_000;

/** How much a stream takes, and who sees to it. */
export class StreamCapacity {
  /**
   * A fixed number of shards: each takes 1 MB and 1000 records a second and gives 2 MB a second to all shared readers
   * together. Cheapest for a load you know.
   * @param shards 1 to 10000
   * @throws {INVALID_OPTIONS} another number
   */
  static provisioned(shards: number): StreamCapacity {
    const { violations } = checkCount('shards', shards, {
      min: 1,
      max: MAX_SHARDS,
      words: `1 to ${MAX_SHARDS}`,
    });
    refuseAll("StreamCapacity.provisioned can't be used", violations);
    return new StreamCapacity(StreamMode.PROVISIONED, shards);
  }

  /**
   * Kinesis adds and takes away shards by itself. A new stream takes 4 MB a second and doubles within 15 minutes of a
   * new peak; a load that grows faster is throttled meanwhile.
   */
  static onDemand(): StreamCapacity {
    return new StreamCapacity(StreamMode.ON_DEMAND);
  }

  /** The mode as Kinesis names it. */
  readonly mode: StreamMode;

  /** Number of shards; undefined on demand. */
  readonly shards: number | undefined;

  private constructor(mode: StreamMode, shards?: number) {
    this.mode = mode;
    this.shards = shards;
  }

  /** In words, for messages and descriptions. */
  toString(): string {
    if (this.shards === undefined) return 'on demand';
    return Token.isUnresolved(this.shards) ? 'provisioned' : `${this.shards} provisioned shards`;
  }
}
