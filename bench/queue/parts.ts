import type { Subject } from '../subject.js';
import { measurePeers } from './compare-peers.js';
import { measureConsume } from './consume.js';

/** The queue worker and the publisher, beside the raw SDK and peers. */
export const QUEUE: Subject = {
  name: 'queue',
  what: 'consumers in a process each, against an embedded SQS in one of its own',
  parts: [
    { name: 'consume', what: 'calls and CPU per message of 1 KB with an empty handler', measure: measureConsume },
    { name: 'peers', what: 'the same beside sqs-consumer, squiss-ts and message-queue-toolkit, on Node.js 22', measure: measurePeers },
  ],
};
