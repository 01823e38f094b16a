import { WHOLE_RANGE, type HashRange } from '../../../lib/core/stream/hash-range.js';
import type { Checkpoint } from '../../../lib/core/stream/position.js';
import { isCompleteListing, planShardSync, type Shard } from '../../../lib/core/stream/shard-graph.js';

const low: HashRange = { start: WHOLE_RANGE.start, end: `7${'f'.repeat(31)}` };
const high: HashRange = { start: `8${'0'.repeat(31)}`, end: WHOLE_RANGE.end };
const HORIZON: Checkpoint = { kind: 'trim-horizon' };
const NOW: Checkpoint = { kind: 'since', epochMs: 1_000 };

const shard = (shardId: string, parents: readonly string[] = [], isOpen = true): Shard => ({
  shardId,
  parents,
  isOpen,
  hashRange: WHOLE_RANGE,
});

function plan(given: {
  readonly shards: readonly Shard[];
  readonly leased?: readonly string[];
  readonly ended?: readonly string[];
  readonly start?: Checkpoint;
  readonly isInitialized?: boolean;
}) {
  const leases = (given.leased ?? []).map((shardId) => ({
    shardId,
    hasEnded: given.ended?.includes(shardId) === true,
  }));
  const { create, remove } = planShardSync({
    shards: given.shards,
    leases,
    start: given.start ?? HORIZON,
    isInitialized: given.isInitialized ?? leases.length > 0,
  });
  return {
    create: create.map(({ shardId, parents, checkpoint }) => ({ shardId, parents, checkpoint })),
    remove,
  };
}

describe('planShardSync', () => {
  it('leases every shard there is, parents before children, when reading from the beginning', () => {
    const shards = [shard('child', ['parent']), shard('parent', ['trimmed'], false)];
    expect(plan({ shards }).create).toEqual([
      { shardId: 'parent', parents: [], checkpoint: HORIZON },
      { shardId: 'child', parents: ['parent'], checkpoint: HORIZON },
    ]);
  });

  it('leases the open shards only when reading from now on', () => {
    const shards = [shard('parent', [], false), shard('child', ['parent'])];
    expect(plan({ shards, start: NOW }).create).toEqual([{ shardId: 'child', parents: [], checkpoint: NOW }]);
  });

  it('begins a child of a leased shard at its oldest record, whatever the starting position says', () => {
    const shards = [shard('parent', [], false), shard('child', ['parent'])];
    expect(plan({ shards, leased: ['parent'], start: NOW }).create).toEqual([
      { shardId: 'child', parents: ['parent'], checkpoint: HORIZON },
    ]);
  });

  it('gates a merged shard on both parents, also when one of them has to be leased first', () => {
    const shards = [
      shard('grandparent', [], false),
      shard('late', ['grandparent'], false),
      shard('early', [], false),
      shard('merged', ['early', 'late']),
    ];
    expect(plan({ shards, leased: ['grandparent', 'early'] }).create).toEqual([
      { shardId: 'late', parents: ['grandparent'], checkpoint: HORIZON },
      { shardId: 'merged', parents: ['early', 'late'], checkpoint: HORIZON },
    ]);
  });

  it('does not lease a shard again that is older than everything it reads', () => {
    const shards = [shard('old', [], false), shard('child', ['old'])];
    expect(plan({ shards, leased: ['child'] }).create).toEqual([]);
  });

  it('finishes a first sync that was cut short', () => {
    const shards = [shard('1'), shard('2')];
    const created = plan({ shards, leased: ['1'], isInitialized: false, start: NOW }).create;
    expect(created).toEqual([{ shardId: '2', parents: [], checkpoint: NOW }]);
  });

  it('removes leases that ended and whose shard is listed no more', () => {
    const shards = [shard('child', ['gone'])];
    const leased = ['gone', 'unfinished', 'child'];
    expect(plan({ shards, leased, ended: ['gone'] }).remove).toEqual(['gone']);
  });
});

describe('isCompleteListing', () => {
  const part = (shardId: string, hashRange: HashRange, isOpen = true): Shard => ({
    shardId,
    parents: [],
    hashRange,
    isOpen,
  });

  it('accepts open shards that cover every hash key', () => {
    expect(isCompleteListing([part('1', high), part('2', low), part('0', WHOLE_RANGE, false)])).toBe(true);
  });

  it('rejects a hole, a missing end and nothing at all', () => {
    expect(isCompleteListing([part('1', high)])).toBe(false);
    expect(isCompleteListing([part('1', low), part('2', high, false)])).toBe(false);
    expect(isCompleteListing([])).toBe(false);
  });
});
