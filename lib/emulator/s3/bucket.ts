import type { Checksum } from './checksums.js';
import { expiresAt, type LifecycleRule } from './lifecycle.js';

/** One stored object. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly etag: string;
  /** Epoch ms. */
  readonly lastModified: number;
  readonly checksum: Checksum | undefined;
  /** Headers that are given back as they came: content type, content encoding, … */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One bucket: its objects by key, and the rules by which they go. */
export class Bucket {
  lifecycle: readonly LifecycleRule[] = [];
  readonly #objects = new Map<string, StoredObject>();

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  put(object: StoredObject): void {
    this.#objects.set(object.key, object);
  }

  delete(key: string): void {
    this.#objects.delete(key);
  }

  /** All objects in the order S3 lists them: by the bytes of their keys. */
  inOrder(): readonly StoredObject[] {
    return [...this.#objects.values()].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  /** Lets go what has expired. */
  sweep(now: number): void {
    if (this.lifecycle.every(({ expirationDays }) => expirationDays === undefined)) return;
    for (const object of this.#objects.values())
      if (expiresAt(object, this.lifecycle) <= now) this.#objects.delete(object.key);
  }
}
