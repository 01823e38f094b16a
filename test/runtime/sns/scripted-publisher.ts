import type { QueueBinding } from '../../../lib/contract/index.js';
import { createPublisher, type Publisher, type PublisherOptions } from '../../../lib/runtime/index.js';
import { acceptAll, entriesOf, queueBinding } from '../sqs/fixtures.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { scriptedAws, type Call, type Script } from '../support/scripted-aws.js';

interface Setup {
  readonly binding?: Partial<QueueBinding>;
  readonly options?: Partial<PublisherOptions>;
  readonly script?: Script;
}

/** A publisher to a scripted queue, on a clock of its own. */
export function setup({ binding, options, script }: Setup = {}): {
  publisher: Publisher;
  clock: FakeClock;
  calls: Call[];
  sent: () => string[][];
} {
  const clock = createFakeClock();
  const aws = scriptedAws(
    async (operation, input, signal) => (await script?.(operation, input, signal)) ?? acceptAll(input),
  );
  const publisher = createPublisher({
    queue: queueBinding(binding),
    clock,
    random: { next: () => 0.5 },
    clients: { sqs: aws.sqs },
    ...options,
  });
  const sent = (): string[][] =>
    aws.calls.map(({ input }) =>
      entriesOf(input).map(({ MessageBody }) => (JSON.parse(MessageBody as string) as { job: string }).job),
    );
  return { publisher, clock, calls: aws.calls, sent };
}

/** Payloads, numbered. */
export const jobs = (count: number, prefix = 'a'): { job: string }[] =>
  Array.from({ length: count }, (_, index) => ({ job: `${prefix}${index}` }));
