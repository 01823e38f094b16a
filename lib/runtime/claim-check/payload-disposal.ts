import type { PayloadPointer } from '../../core/claim-check/pointer.js';
import type { Clock, Random } from '../../core/clock.js';
import { BatchRunner } from '../aws/batch-runner.js';
import type { CompiledClaimCheckReading } from './claim-check-options.js';
import type { ObjectStore } from './object-store.js';

/** What a disposal is made of. */
export interface DisposalParts {
  readonly store: ObjectStore;
  readonly settings: CompiledClaimCheckReading;
  readonly clock: Clock;
  readonly random: Random;
  /** Told when a payload was left where it is; the bucket's lifecycle takes it then. */
  readonly onLeft: (code: string) => void;
}

/** What DeleteObjects takes in one call. */
const MAX_OBJECTS = 1_000;
/** Nothing waits for a payload to go, so that many can go in one call. */
const MAX_AGE_MS = 1_000;
const RETRY = { curve: { baseSeconds: 0.5, factor: 2, maxSeconds: 5 }, maxAttempts: 3 };

/** Deletes payloads whose messages are gone: in large batches, best effort. */
export class PayloadDisposal {
  readonly #parts: DisposalParts;
  readonly #deletes: BatchRunner<PayloadPointer, undefined>;

  constructor(parts: DisposalParts) {
    const { store, clock, random } = parts;
    this.#parts = parts;
    this.#deletes = new BatchRunner<PayloadPointer, undefined>({
      clock,
      random,
      limits: {
        maxEntries: MAX_OBJECTS,
        maxBytes: Infinity,
        maxAgeMs: MAX_AGE_MS,
        maxCallsOut: 1,
        isEager: false,
      },
      retry: RETRY,
      call: async (pointers) => {
        const keys = pointers.map(({ key }) => key);
        await store.deleteAll(parts.settings.deletable?.bucket ?? '', keys);
        return pointers.map(() => ({ kind: 'done', value: undefined }));
      },
    });
  }

  /**
   * To be called once the message was deleted: a payload that goes first leaves a message that points to nothing. Only the
   * queue's own payloads go.
   */
  dispose(pointer: PayloadPointer): void {
    const { settings, onLeft } = this.#parts;
    const { deletable } = settings;
    if (deletable === undefined || pointer.bucket !== deletable.bucket) return;
    if (!pointer.key.startsWith(deletable.prefix)) return;
    void this.#deletes.submit({ item: pointer }).then((result) => {
      if (result.kind === 'refused' || result.kind === 'exhausted') onLeft(result.code);
    });
  }

  /** Resolves when everything disposed of so far is gone or given up. */
  drain(): Promise<void> {
    return this.#deletes.drain();
  }
}
