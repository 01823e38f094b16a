import { Token, aws_kinesis as kinesis, type Size } from 'aws-cdk-lib';
import type { StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { refuseAll } from '../../core/errors.js';
import { checkBytes, checkCount } from '../bounds.js';
import { sizeStream, type StreamWorkload } from './stream-workload.js';

/** Shards a stream may have; accounts have quotas of their own below it. */
const MAX_SHARDS = 10_000;

const MIB = 1_048_576;

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
    return new StreamCapacity(kinesis.StreamMode.PROVISIONED, { shards });
  }

  /**
   * Kinesis adds and takes away shards by itself. A new stream takes 4 MB a second and doubles within 15 minutes of a
   * new peak; a load that grows faster is throttled meanwhile.
   */
  static onDemand(): StreamCapacity {
    return new StreamCapacity(kinesis.StreamMode.ON_DEMAND);
  }

  /**
   * On demand, and ready for so much at once: for loads that jump. Kinesis takes it only from accounts that are committed to
   * On-demand Advantage in the Region, a setting of the account which no template can make; the stream warns of it.
   * @param warmThroughput what is taken in within a second, whole MiB, 1 MiB to 10 GiB
   * @throws {INVALID_OPTIONS} another size
   * @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateAccountSettings.html
   */
  static advantage(warmThroughput: Size): StreamCapacity {
    const { value, violations } = checkBytes('warmThroughput', warmThroughput, {
      min: MIB,
      max: 10_240 * MIB,
      words: '1 MiB to 10 GiB (a second)',
    });
    refuseAll("StreamCapacity.advantage can't be used", [
      ...violations,
      ...(violations.length > 0 || Token.isUnresolved(value) || value % MIB === 0
        ? []
        : [`warmThroughput must be whole MiB (a second), got ${value} bytes`]),
    ]);
    // A token of bytes can't be divided, so it is read in the template's own unit.
    const warmMiBps = Token.isUnresolved(value) ? warmThroughput.toMebibytes() : value / MIB;
    return new StreamCapacity(kinesis.StreamMode.ON_DEMAND, { warmMiBps });
  }

  /**
   * The capacity that a load needs for the least money. `explain()` says how it was found, and the template has it as
   * metadata of the stream.
   * @throws {INVALID_OPTIONS} with all violations at once
   */
  static forWorkload(workload: StreamWorkload): StreamCapacity {
    const { choice, explanation } = sizeStream(workload);
    switch (choice.kind) {
      case 'provisioned':
        return new StreamCapacity(kinesis.StreamMode.PROVISIONED, { shards: choice.shards, explanation });
      case 'on-demand':
        return new StreamCapacity(kinesis.StreamMode.ON_DEMAND, { explanation });
      case 'advantage':
        return new StreamCapacity(kinesis.StreamMode.ON_DEMAND, { warmMiBps: choice.warmMiBps, explanation });
    }
  }

  /** The mode as Kinesis names it. */
  readonly mode: StreamMode;

  /** Number of shards. Undefined on demand. */
  readonly shards?: number;

  /** MiB a second that are taken in at once. Undefined without On-demand Advantage. */
  readonly warmMiBps?: number;

  private readonly explanation: string | undefined;

  private constructor(
    mode: StreamMode,
    decided: { readonly shards?: number; readonly warmMiBps?: number; readonly explanation?: string } = {},
  ) {
    this.mode = mode;
    if (decided.shards !== undefined) this.shards = decided.shards;
    if (decided.warmMiBps !== undefined) this.warmMiBps = decided.warmMiBps;
    this.explanation = decided.explanation;
  }

  /** Why it is so, where it was calculated; what it is, where it was given. */
  explain(): string {
    return this.explanation ?? `${this.toString()}, as given`;
  }

  /** Whether it was calculated from a workload. */
  get isCalculated(): boolean {
    return this.explanation !== undefined;
  }

  /** In words, for messages and descriptions. */
  toString(): string {
    if (this.shards !== undefined) {
      return Token.isUnresolved(this.shards) ? 'provisioned' : `${this.shards} provisioned shards`;
    }
    if (this.warmMiBps === undefined) return 'on demand';
    return Token.isUnresolved(this.warmMiBps)
      ? 'on demand, kept warm'
      : `on demand, warm for ${this.warmMiBps} MiB a second`;
  }
}
