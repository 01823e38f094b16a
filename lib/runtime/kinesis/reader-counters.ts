/** What a stream reader has done since it started. */
export interface StreamReaderStats {
  /** Records whose handler resolved. */
  readonly records: number;
  /** Calls of the handler that resolved. */
  readonly batches: number;
  /** Records that could not be read and were taken by `onPoison`. */
  readonly poison: number;
  /** Second copies of a put, left out. */
  readonly repeats: number;
  /** Records left out because their producer has put them elsewhere too, while shards were split. */
  readonly strays: number;
  /** Bytes read ahead and not handled yet. */
  readonly bufferedBytes: number;
  /** Shards held now, each with how far it is behind its tip, in milliseconds. */
  readonly shards: Readonly<Record<string, { readonly millisBehind: number }>>;
}

/** Counts for {@link StreamReaderStats}. */
export class ReaderCounters {
  private records = 0;
  private batches = 0;
  private poison = 0;
  private repeats = 0;
  private strays = 0;
  private readonly behind = new Map<string, number>();

  handled(records: number): void {
    this.records += records;
    this.batches += 1;
  }

  poisoned(): void {
    this.poison += 1;
  }

  leftOut(repeats: number, strays: number): void {
    this.repeats += repeats;
    this.strays += strays;
  }

  lag(shardId: string, millisBehind: number): void {
    this.behind.set(shardId, millisBehind);
  }

  forget(shardId: string): void {
    this.behind.delete(shardId);
  }

  snapshot(bufferedBytes: number): StreamReaderStats {
    const { records, batches, poison, repeats, strays } = this;
    const shards = Object.fromEntries(
      [...this.behind].map(([shardId, millisBehind]) => [shardId, { millisBehind }]),
    );
    return { records, batches, poison, repeats, strays, bufferedBytes, shards };
  }
}
