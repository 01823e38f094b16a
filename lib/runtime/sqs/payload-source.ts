import { MillraceError } from '../../core/errors.js';
import { redeem, type ClaimCheckReaderParts } from '../claim-check/claim-check-reader.js';
import type { Holding } from './holding.js';
import { readPayload, type Inbound, type InboundPayload, type Poison } from './inbound.js';

/** A message whose payload is to be had. */
type Readable = Extract<Inbound, { readonly kind: 'message' }>;

/** Where the payload comes from: at once, or first when the handler is about to run. */
export type PayloadSource =
  | Extract<InboundPayload, { readonly kind: 'poison' }>
  | {
      readonly kind: 'source';
      /** SHA-256 of the payload's text. */
      readonly hash: string;
      open(): Promise<InboundPayload>;
    };

/**
 * Finds the payload of a message. One that is kept elsewhere is fetched only once the idempotency guard has let the message
 * through, where the envelope says its hash: a copy of what was handled costs no fetch then, and does not need a payload that
 * was deleted after the first.
 * @throws {CLAIM_CHECK_UNAVAILABLE} S3 can't be asked now
 */
export async function payloadSourceOf(
  { handler, place }: Readable,
  holding: Holding,
  claimChecks: ClaimCheckReaderParts | undefined,
): Promise<PayloadSource> {
  if (place.kind === 'body') return opened(await readPayload(place.text, handler));
  if (claimChecks === undefined) return refused(NO_BUCKET);
  const { pointer, hash } = place;
  const { message, controller } = holding;
  if (pointer !== undefined) holding.pointer = pointer;
  const open = async (): Promise<InboundPayload> => {
    const redeemed = await redeem(place, claimChecks, controller.signal);
    switch (redeemed.kind) {
      case 'text':
        return readPayload(redeemed.text, handler);
      case 'refused':
        return refused(redeemed.reason);
      case 'missing':
        return missing(redeemed.reason, message.receiveCount);
    }
  };
  return hash === undefined ? opened(await open()) : { kind: 'source', hash, open };
}

const opened = (payload: InboundPayload): PayloadSource =>
  payload.kind === 'poison' ? payload : new OpenedSource(payload);

class OpenedSource {
  readonly kind = 'source';
  readonly #payload: Extract<InboundPayload, { readonly kind: 'payload' }>;

  constructor(payload: Extract<InboundPayload, { readonly kind: 'payload' }>) {
    this.#payload = payload;
  }

  get hash(): string {
    return this.#payload.hash;
  }

  open(): Promise<InboundPayload> {
    return Promise.resolve(this.#payload);
  }
}

/**
 * A payload that is gone is looked for twice. It may have been deleted after another copy of this message was handled, and
 * the mode `transactional` looks for that from the second receive on.
 */
function missing(detail: string, receiveCount: number): InboundPayload {
  if (receiveCount < 2)
    throw new MillraceError('CLAIM_CHECK_UNAVAILABLE', `${detail}; it is looked for once more`);
  return poisoned({ reason: 'claim-check-missing', detail });
}

const refused = (detail: string): Extract<InboundPayload, { kind: 'poison' }> =>
  poisoned({ reason: 'claim-check-refused', detail });

const poisoned = (poison: Poison): Extract<InboundPayload, { kind: 'poison' }> => ({
  kind: 'poison',
  poison,
});

const NO_BUCKET =
  "its payload is in S3, and this queue's binding names no bucket: set claimCheck on the construct, or claimCheck.buckets on the worker";
