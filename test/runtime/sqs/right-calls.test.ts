import type { MachineEvent } from '../../../lib/core/delivery/machine-types.js';
import { createSqsApi } from '../../../lib/runtime/aws/sqs-client.js';
import { readMessage, PLAIN_BYTES } from '../../../lib/runtime/aws/sqs-shapes.js';
import { on } from '../../../lib/runtime/index.js';
import { compileWorkerOptions } from '../../../lib/runtime/sqs/compile-worker-options.js';
import { createHolding } from '../../../lib/runtime/sqs/holding.js';
import { RightCalls } from '../../../lib/runtime/sqs/right-calls.js';
import { createWorkerCalls } from '../../../lib/runtime/sqs/worker-calls.js';
import { WorkerTally } from '../../../lib/runtime/sqs/worker-tally.js';
import { createFakeClock } from '../support/fake-clock.js';
import { scriptedAws } from '../support/scripted-aws.js';
import { acceptAll, JobQueued, queueBinding, sdkMessage } from './fixtures.js';

/** A held message whose lease is being renewed; `answer` is what the store says in the end. */
async function setup() {
  const clock = createFakeClock();
  const aws = scriptedAws((_operation, input) => acceptAll(input));
  const options = compileWorkerOptions(
    {
      queue: queueBinding(),
      idempotency: 'lease',
      handlers: [on(JobQueued, () => undefined)],
      clock,
      random: { next: () => 0 },
    },
    {},
  );
  const sqs = await createSqsApi({ region: 'eu-west-1' }, aws.sqs);
  const calls = createWorkerCalls(sqs, options, { isHeld: () => true, wantsRenewal: () => true });
  const reports: MachineEvent[] = [];
  const rights = new RightCalls({
    options,
    calls,
    tally: new WorkerTally(() => undefined),
    disposal: undefined,
    report: (event) => void reports.push(event),
  });
  const holding = createHolding(1, readMessage(sdkMessage(), PLAIN_BYTES), { receive: 1 });
  let answer: (kept: Promise<'kept' | 'lost'>) => void = () => undefined;
  holding.fence = { renew: () => new Promise((resolve) => (answer = resolve)) };
  const renewing = rights.renew(holding, 30);
  const settle = async (kept: Promise<'kept' | 'lost'>): Promise<readonly MachineEvent['kind'][]> => {
    answer(kept);
    await clock.advance(0);
    await renewing;
    return reports.map(({ kind }) => kind);
  };
  return { holding, settle, reports, aws };
}

const down = (): Promise<never> => Promise.reject(new Error('down'));

describe('a renewal', () => {
  it('prolongs the visibility timeout after the lease', async () => {
    const { settle, aws } = await setup();
    expect(aws.calls).toEqual([]);
    await expect(settle(Promise.resolve('kept'))).resolves.toEqual(['renewed']);
  });

  it('says that the message is lost when its lease is, and prolongs nothing', async () => {
    const { settle, aws } = await setup();
    await expect(settle(Promise.resolve('lost'))).resolves.toEqual(['refused']);
    expect(aws.calls).toEqual([]);
  });

  it('prolongs nothing while nobody can tell whether the lease is kept', async () => {
    const { settle, aws } = await setup();
    await expect(settle(down())).resolves.toEqual(['renewal-failed']);
    expect(aws.calls).toEqual([]);
  });

  it.each([
    ['was completed', () => Promise.resolve('lost' as const)],
    ['could not be asked', down],
  ])('keeps a message whose handler has ended while its lease %s', async (_case, answer) => {
    const { holding, settle } = await setup();
    holding.fence = undefined; // the guard gave it up, to complete the record
    await expect(settle(answer())).resolves.toEqual(['renewed']);
  });
});
