import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ReportMade } from '../../examples/claim-check/messages.js';
import { openReports } from '../../examples/claim-check/publish.js';
import { openWorker } from '../../examples/claim-check/worker.js';
import { createPublisher } from '../../lib/runtime/index.js';
import { eventually } from '../runtime/support/local-queue.js';
import { describeTemplate } from './support/template.js';

const { run } = describeTemplate('claim-check');

async function setup() {
  const { aws, deployment } = await run();
  const s3 = new S3Client({ ...aws.clientConfig, forcePathStyle: true });
  return {
    objectsOf: async (kind: 'Reports' | 'Prints'): Promise<number> => {
      const found = deployment.resources.find(
        ({ type, logicalId }) => type === 'AWS::S3::Bucket' && logicalId.startsWith(kind),
      );
      const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: found?.physicalId }));
      return KeyCount ?? -1;
    },
    close: () => s3.destroy(),
  };
}

/** About 5 MB. */
const rows = Array.from(
  { length: 100_000 },
  (_, index) => `row ${index} of a report that is far too large to send`,
);

describe('the claim check example', () => {
  it('brings a report of 5 MB through topic and queues, and lets the lifecycle take it', async () => {
    const { objectsOf, close } = await setup();
    const got: string[] = [];
    const workers = (['Archive', 'Index'] as const).map((queue) =>
      openWorker(queue, (report, count) => void got.push(`${queue} ${report} ${count}`)),
    );
    for (const worker of workers) worker.run().catch(() => undefined);
    await using reports = openReports();
    await reports.publish(ReportMade, { report: 'annual', rows });
    await reports.publish(ReportMade, { report: 'daily', rows: ['one'] });
    await eventually('everybody has everything', () => Promise.resolve(got.length === 4));
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(got.sort()).toEqual([
      'Archive annual 100000',
      'Archive daily 1',
      'Index annual 100000',
      'Index daily 1',
    ]);
    expect(reports.stats().offloaded).toBe(1);
    expect(await objectsOf('Reports')).toBe(1);
    close();
  });

  it('deletes what was sent to one queue, after its message', async () => {
    const { objectsOf, close } = await setup();
    const got: number[] = [];
    const worker = openWorker('Prints', (_report, count) => void got.push(count));
    worker.run().catch(() => undefined);
    await using prints = createPublisher({ queue: 'Prints' });
    await prints.publish(ReportMade, { report: 'annual', rows });
    await eventually('it is printed', () => Promise.resolve(got.length === 1));
    await worker.stop();
    expect(prints.stats().offloaded).toBe(1);
    expect(await objectsOf('Prints')).toBe(0);
    close();
  });
});
