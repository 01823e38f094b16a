import type { Rule } from './history.js';

/** A build whose source is broken in one place. */
export interface SourceMutant {
  readonly name: string;
  readonly what: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands there exactly once; a bundle can't be made otherwise, so that no mutant outlives what it breaks. */
  readonly find: string;
  readonly replace: string;
  /** Where the search begins, the first seed that caught it when it was made; and as what it is caught. */
  readonly seed: number;
  readonly rule: Rule;
}

/** Deliberately broken sources: each must be caught, or the oracle is blind there. */
export const SOURCE_MUTANTS: readonly SourceMutant[] = [
  {
    name: 'never-quiet',
    what: 'a worker never says that nothing is left',
    file: 'lib/core/delivery/machine.ts',
    find: "this.#hand.note({ kind: 'quiet' });",
    replace: '',
    seed: 1,
    rule: 'stop-hangs',
  },
  {
    name: 'forget-followers',
    what: 'a failed FIFO message is given back alone',
    file: 'lib/core/delivery/in-hand.ts',
    find: "const followers = this.#takeFollowers(delivery, now);\n    this.step(key, { kind: 'release' }, now);",
    replace: "const followers = [];\n    this.step(key, { kind: 'release' }, now);",
    seed: 2,
    rule: 'order',
  },
  {
    name: 'leave-the-handler-alone',
    what: 'a handler is not told that its message is no longer its own, and runs on',
    file: 'lib/core/delivery/delivery.ts',
    find: "{ kind: 'lost', at: at.now }, 'lost', 'abort')",
    replace: "{ kind: 'lost', at: at.now }, 'lost')",
    seed: 10,
    rule: 'unwarned',
  },
  {
    name: 'leave-a-timer',
    what: 'a stop leaves the timer that cuts polls',
    file: 'lib/runtime/sqs/worker-runner.ts',
    find: 'this.#pollGrace?.cancel();',
    replace: '',
    seed: 17,
    rule: 'still-running',
  },
  {
    name: 'give-up-receiving',
    what: 'a receive that failed is not tried again',
    file: 'lib/runtime/sqs/worker-runner.ts',
    find: "this.#apply({ kind: 'receive-failed', receive, retryAt });",
    replace: "this.#apply({ kind: 'receive-failed', receive, retryAt: Infinity });",
    seed: 1,
    rule: 'never-settles',
  },
  {
    name: 'overtake-in-the-group',
    what: 'messages of a group are sent side by side',
    file: 'lib/runtime/sns/publisher.ts',
    find: 'const lane = this.#options.binding.fifo ? outgoing.group : undefined;',
    replace: 'const lane = undefined;',
    seed: 7,
    rule: 'publish-order',
  },
  {
    name: 'publish-before-the-commit',
    what: 'what a handler publishes leaves before its transaction is committed',
    file: 'lib/runtime/idempotency/transactional-guard.ts',
    find: 'publish: (each) => void published.push(each),',
    replace:
      'publish: (each) => void parts.relay.finish({ key: JSON.stringify(each), outbox: JSON.stringify([each]), outcome: HANDLED }),',
    seed: 14,
    rule: 'published-uncommitted',
  },
  {
    name: 'forget-the-outbox',
    what: 'what was committed to be published is not',
    file: 'lib/runtime/idempotency/transactional-guard.ts',
    find: 'return relay.finish({ key, outbox, outcome: HANDLED });',
    replace: 'return HANDLED;',
    seed: 14,
    rule: 'outbox-lost',
  },
  {
    name: 'trust-every-right',
    what: 'nobody asks whether a claim still holds when a handler starts or a call leaves',
    file: 'lib/core/delivery/machine.ts',
    find: 'return this.#hand.deliveries.isHeld(key, now);',
    replace: 'return true;',
    seed: 6,
    rule: 'right-over',
  },
  {
    name: 'replace-unseen-records',
    what: 'a record is replaced whatever became of it since it was read',
    file: 'lib/runtime/stores/dynamo-statements.ts',
    find: "where: condition.map(([name, value]) => [name, '=', value])",
    replace: 'where: []',
    seed: 15,
    rule: 'twin-handlers',
  },
];
