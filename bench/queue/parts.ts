import type { Subject } from '../subject.js';
import { measurePeers } from './compare-peers.js';
import { measureConsume } from './consume.js';
import { measureLeaseMemory, measureMemory } from './memory.js';
import { measurePublish } from './publish.js';
import { measureLease, measureSequence } from './records.js';
import { measureFifo, measureSlots } from './slots.js';

/** The queue worker and the publisher, beside the raw SDK and peers. */
export const QUEUE: Subject = {
  name: 'queue',
  what: 'consumers in a process each, against an embedded SQS in one of its own',
  parts: [
    { name: 'consume', what: 'calls and CPU per message of 1 KB, empty handler', measure: measureConsume },
    {
      name: 'peers',
      what: 'the same beside sqs-consumer, squiss-ts and message-queue-toolkit, on Node.js 22',
      measure: measurePeers,
    },
    {
      name: 'slots',
      what: 'messages/s when some handlers take much longer than others',
      measure: measureSlots,
    },
    {
      name: 'fifo',
      what: 'messages/s of 1,000 FIFO groups beside one after the other',
      measure: measureFifo,
    },
    {
      name: 'publish',
      what: 'messages per call and CPU under load to a queue and a topic, and how long a lone one takes',
      measure: measurePublish,
    },
    { name: 'lease', what: 'DynamoDB calls per message of idempotency in lease mode', measure: measureLease },
    {
      name: 'sequence',
      what: 'the same in sequence mode, with 1 to 1,000 FIFO groups',
      measure: measureSequence,
    },
    {
      name: 'memory',
      what: 'RSS and heap of a worker over --minutes or --messages, its heartbeat at work',
      measure: measureMemory,
    },
    {
      name: 'memory-lease',
      what: 'the same with idempotency in lease mode, against DynamoDB',
      measure: measureLeaseMemory,
    },
  ],
};
