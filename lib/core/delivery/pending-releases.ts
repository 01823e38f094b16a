/** Messages that are given back in one call, so that a FIFO group becomes visible at one moment. */
export interface Release {
  readonly keys: readonly number[];
  readonly afterSeconds: number;
}

/** Releases that wait for renewals under way: a renewal that arrives after a release would undo it. */
export class PendingReleases {
  #waiting: Release[] = [];

  add(release: Release): void {
    this.#waiting.push(release);
  }

  /** Takes out those of which no message is being renewed. */
  takeReady(isRenewing: (key: number) => boolean): readonly Release[] {
    const ready = this.#waiting.filter(({ keys }) => !keys.some(isRenewing));
    if (ready.length > 0) this.#waiting = this.#waiting.filter(({ keys }) => keys.some(isRenewing));
    return ready;
  }
}
