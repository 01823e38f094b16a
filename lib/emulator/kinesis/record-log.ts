/** What the records of one put have in common. */
export interface Arrival {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly isEncrypted: boolean;
}

/**
 * One record as a shard holds it. Its data stays the base64 text it came as: nothing is decoded or encoded again. The
 * sequence number is written only when somebody is told it; its two varying parts are kept.
 */
export interface StoredRecord {
  /** Write index within the shard. */
  readonly index: number;
  readonly partitionKey: string;
  readonly base64: string;
  /** Of the data once decoded. */
  readonly bytes: number;
  readonly arrival: Arrival;
}

/** A place between records: the varying parts of a sequence number. */
export interface LogPlace {
  readonly index: number;
  readonly at: number;
}

/** Slots of trimmed records are given up in steps of at least this many, so that trimming stays O(1) per record. */
const COMPACT_AT = 32;

/** The records of one shard, oldest first, trimmed from the front. Positions are offsets into what is still held. */
export class RecordLog {
  #records: (StoredRecord | undefined)[] = [];
  #first = 0;

  get size(): number {
    return this.#records.length - this.#first;
  }

  get oldest(): StoredRecord | undefined {
    return this.#records[this.#first];
  }

  append(record: StoredRecord): void {
    this.#records.push(record);
  }

  at(position: number): StoredRecord | undefined {
    return this.#records[this.#first + position];
  }

  /** Position of the first record whose sequence number is at or above the given place. */
  positionAt({ index, at }: LogPlace): number {
    return this.#search(
      (record) => record.index > index || (record.index === index && record.arrival.at >= at),
    );
  }

  /** Position of the first record whose sequence number is above the given place. */
  positionAfter({ index, at }: LogPlace): number {
    return this.#search(
      (record) => record.index > index || (record.index === index && record.arrival.at > at),
    );
  }

  /** Position of the first record that arrived at or after the given time. */
  positionAtTime(time: number): number {
    return this.#search((record) => record.arrival.at >= time);
  }

  /** Drops what arrived at or before `time`. */
  trimUpTo(time: number): void {
    while (this.#first < this.#records.length) {
      const record = this.#records[this.#first];
      if (record === undefined || record.arrival.at > time) break;
      this.#records[this.#first] = undefined;
      this.#first += 1;
    }
    if (this.#first >= COMPACT_AT && this.#first * 2 >= this.#records.length) {
      this.#records = this.#records.slice(this.#first);
      this.#first = 0;
    } else if (this.#first === this.#records.length) {
      this.#records = [];
      this.#first = 0;
    }
  }

  /** The first position at which the predicate, false then true along the log, holds. */
  #search(holds: (record: StoredRecord) => boolean): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const record = this.at(middle);
      if (record !== undefined && holds(record)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
