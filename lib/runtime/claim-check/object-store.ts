import type { PayloadPointer } from '../../core/claim-check/pointer.js';

/** An object to store. */
export interface ObjectToStore extends PayloadPointer {
  readonly bytes: Uint8Array;
  /** The `Content-Encoding` it is stored with; left out for bytes as they are. */
  readonly contentEncoding?: string;
}

/** A stored object as it comes: in chunks, nothing read ahead. */
export interface StoredObject {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly contentEncoding: string | undefined;
}

/** The part of S3 the runtime uses; throws what the SDK threw, for `classifyAwsError`. */
export interface ObjectStore {
  put(object: ObjectToStore): Promise<void>;
  /** Undefined when there is no such object. */
  get(pointer: PayloadPointer, signal: AbortSignal): Promise<StoredObject | undefined>;
  /** Deletes up to a thousand objects of one bucket; those that are gone already count as deleted. */
  deleteAll(bucket: string, keys: readonly string[]): Promise<void>;
  /** Closes the sockets this adapter opened; a client that was passed in stays open. */
  close(): void;
}
