import { SQSClient } from '@aws-sdk/client-sqs';
import type { QueueBinding } from '../../../lib/contract/index.js';
import type { LambdaHandler } from '../../../lib/runtime/index.js';
import {
  startEventSourceMapping,
  type EventSourceMapping,
} from '../../runtime/support/event-source-mapping.js';
import type { RunningTemplate } from './template.js';

/** Runs handlers of functions as event source mappings of the deployed queues would, each by its queue's binding name. */
export function invokeForQueues(
  { aws, deployment }: RunningTemplate,
  handlers: Readonly<Record<string, LambdaHandler>>,
): AsyncDisposable & { readonly mappings: readonly EventSourceMapping[] } {
  const sqs = new SQSClient(aws.clientConfig);
  const mappings = Object.entries(handlers).map(([name, handler]) =>
    startEventSourceMapping(sqs, queueNamed(deployment.bindings, name), handler),
  );
  return {
    mappings,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(mappings.map((mapping) => mapping.stop()));
      sqs.destroy();
    },
  };
}

function queueNamed(bindings: RunningTemplate['deployment']['bindings'], name: string): QueueBinding {
  const binding = Object.values(bindings).find((each) => each.kind === 'queue' && each.name === name);
  if (binding?.kind !== 'queue') throw new Error(`the template has no queue ${name}`);
  return binding;
}
