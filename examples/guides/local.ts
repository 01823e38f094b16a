import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { createPublisher, createQueueWorker, on } from 'millrace/runtime';
// #region imports
import { assetHashSerializer, createLocalAws, deployAssembly } from 'millrace/testing';
// #endregion imports
import { PushReceived } from '../quickstart/messages.js';

/**
 * Programs of docs/local.md; test/examples/guides-local.test.ts runs them.
 * @param assembly what `cdk synth` wrote of examples/quickstart
 */
export async function buildOnce(assembly: string): Promise<readonly string[]> {
  const built: string[] = [];
  // #region deploy
  await using aws = await createLocalAws();
  const { environment } = await deployAssembly({ assembly, aws: aws.clientConfig });
  const [sns, sqs] = [new SNSClient(aws.clientConfig), new SQSClient(aws.clientConfig)];
  await using publisher = createPublisher({ topic: 'RepositoryEvents', environment, clients: { sns } });
  await using worker = createQueueWorker({
    queue: 'Builds',
    environment,
    clients: { sqs },
    idempotency: 'none',
    signals: false,
    handlers: [on(PushReceived, (push) => void built.push(push.ref))],
  });
  const running = worker.run();
  await publisher.publish(PushReceived, { delivery: 'd1', ref: 'refs/heads/main' });
  // #endregion deploy
  while (built.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await worker.stop();
  await running;
  sns.destroy();
  sqs.destroy();
  return built;
}

export function expectSameTemplate(stack: Stack): void {
  // #region snapshot
  expect.addSnapshotSerializer(assetHashSerializer);
  expect(Template.fromStack(stack).toJSON()).toMatchSnapshot();
  // #endregion snapshot
}
