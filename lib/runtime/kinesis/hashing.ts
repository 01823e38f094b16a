import { createHash } from 'node:crypto';
import type { HashKey } from '../../core/stream/hash-range.js';
import type { UnpackTools } from '../../core/stream/unpack.js';

const KEYS_REMEMBERED = 50_000;

/**
 * MD5 as Kinesis uses it: of a partition key to find the shard, of an aggregate to know it whole. Streams have far fewer
 * keys than records, so the hashes of keys are kept, as many as fit a few megabytes.
 */
export function createHashing(): UnpackTools {
  const known = new Map<string, HashKey>();
  return {
    digest: (bytes) => createHash('md5').update(bytes).digest(),
    hashOf(partitionKey) {
      const found = known.get(partitionKey);
      if (found !== undefined) return found;
      if (known.size >= KEYS_REMEMBERED) known.clear();
      const hash = createHash('md5').update(partitionKey, 'utf8').digest('hex');
      known.set(partitionKey, hash);
      return hash;
    },
  };
}
