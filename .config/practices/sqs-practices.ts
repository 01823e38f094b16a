import { byConstruct, byRule, byRuntime, leftOpen, practice, type Practice } from './practice.js';

const QUEUE = 'test/cdk/queue/work-queue.test.ts';
const WORKER = 'test/runtime/sqs/worker.test.ts';
const POSTURES = 'test/cdk/posture/postures.test.ts';

/** Practices on queues. */
export const SQS_PRACTICES: readonly Practice[] = [
  practice(
    'SQS-01',
    'Encrypted at rest',
    byRule('queue-encryption'),
    byConstruct('SSE-SQS, or the key of the posture', `${QUEUE} › polls long and encrypts at rest`),
  ),
  practice(
    'SQS-02',
    'A customer managed key, not the one AWS manages, where AWS services send',
    byRule('publisher-keys', 'subscription-keys'),
    byConstruct(
      'refuses such a queue behind a topic',
      'test/cdk/topic/fanout-topic.test.ts › a queue with the key AWS manages',
    ),
  ),
  practice(
    'SQS-03',
    'The key lets the services in that send',
    byRule('publisher-keys', 'subscription-keys'),
    byConstruct(
      'opens it for topics, of this account alone',
      'test/cdk/topic/fanout-topic.test.ts › lets SNS use the key of an encrypted queue and of its dead letters',
      `${POSTURES} › lets SNS use the key for topics of this account only`,
    ),
  ),
  practice(
    'SQS-04',
    'TLS only, on the queue and on its dead-letter queue',
    byRule('queue-tls'),
    byConstruct('denies plain HTTP on both', `${QUEUE} › takes TLS only, on both queues`),
  ),
  practice('SQS-05', 'Nobody is let in by a wildcard', byRule('public-policy')),
  practice(
    'SQS-06',
    'A service is let in on behalf of one source only',
    byRule('confused-deputy'),
    byConstruct(
      'names the topic',
      'test/cdk/topic/fanout-topic.test.ts › lets the topic send to the queue, that topic alone, before the subscription is made',
    ),
  ),
  practice(
    'SQS-07',
    'A queue that is worked on has a dead-letter queue',
    byRule('queue-dead-letters'),
    byConstruct(
      'always makes one',
      `${QUEUE} › moves messages to a dead-letter queue that keeps them longer`,
    ),
  ),
  practice(
    'SQS-08',
    'FIFO dies into FIFO, standard into standard',
    byRule('dead-letter-type'),
    byConstruct(
      'makes both of one type',
      `${QUEUE} › makes both queues FIFO, with the whole pair of high throughput`,
    ),
  ),
  practice(
    'SQS-09',
    'A dead-letter queue is in the account and Region of its queue',
    byRule('dead-letter-place'),
  ),
  practice(
    'SQS-10',
    'On a standard queue the dead-letter queue keeps messages longer: their clock runs on from the first send',
    byRule('dead-letter-retention'),
    byConstruct(
      '4 and 14 days, and warns of the contrary',
      `${QUEUE} › moves messages to a dead-letter queue that keeps them longer`,
      `${QUEUE} › warns when dead letters may expire at once`,
    ),
  ),
  practice(
    'SQS-11',
    'On a FIFO queue the clock of a dead letter starts anew; kept as long all the same',
    byRule('dead-letter-retention'),
    byConstruct(
      'does not warn of what is no fault there',
      `${QUEUE} › says nothing about the retention of a FIFO queue, whose clock starts anew`,
    ),
  ),
  practice(
    'SQS-12',
    'Five receives for functions; one receive needs a reason',
    byRule('lambda-receives', 'single-receive'),
    byConstruct('5', `${QUEUE} › moves messages to a dead-letter queue that keeps them longer`),
  ),
  practice(
    'SQS-13',
    'A dead-letter queue takes its own sources, at most 10',
    byRule('redrive-allow'),
    byConstruct(
      'closes the work queue instead: to name it on its dead-letter queue would be a cycle',
      `${QUEUE} › refuses to be the dead-letter queue of another`,
    ),
    leftOpen(
      'no rule demands a list: with references it is a cycle in one stack, and queues made by aws-cdk-lib have none',
    ),
  ),
  practice(
    'SQS-14',
    'A work queue is nobody’s dead-letter queue',
    byConstruct(
      'denies it; `RedriveDenied` does so for queues of others',
      `${QUEUE} › refuses to be the dead-letter queue of another`,
      'test/cdk/mixins/mixins.test.ts › RedriveDenied closes work queues, and leaves dead-letter queues open',
    ),
    leftOpen('no rule: nearly every queue is without, and nothing breaks until somebody makes the mistake'),
  ),
  practice('SQS-15', 'A list of allowed sources is not empty', byRule('redrive-allow')),
  practice(
    'SQS-16',
    'Hidden for six times the function’s timeout, and its batching window',
    byRule('lambda-retries'),
    byConstruct(
      '6 × `handlerTimeout`, and warns',
      `${QUEUE} › warns when a throttled invocation could not be retried in time`,
    ),
  ),
  practice(
    'SQS-17',
    'Hidden for as long as the function may run',
    byRule('lambda-visibility'),
    byConstruct(
      'refuses the contrary',
      `${QUEUE} › rejects a function that may outlive the visibility timeout`,
    ),
  ),
  practice('SQS-18', 'All receives of a failing message fit into its retention', byRule('retry-time')),
  practice(
    'SQS-19',
    'Pulled with long polls',
    byConstruct('waits 20 s', `${QUEUE} › polls long and encrypts at rest`),
    byRuntime(
      'asks for it in each call',
      `${WORKER} › trap 38: an idle queue costs one poll per twenty seconds`,
    ),
    leftOpen('no rule: the call that receives may ask for it, and Lambda’s pollers do'),
  ),
  practice(
    'SQS-20',
    'Hidden for longer than the client’s read timeout',
    byRule('queue-visibility'),
    byConstruct('30 s at least, when nothing is said', `${QUEUE} › takes the visibility timeout it is given`),
    byRuntime(
      'brings its own timeout and extends it',
      `${WORKER} › extends visibility until the handler settles`,
    ),
  ),
  practice(
    'SQS-21',
    'A stated size limit, and a dead-letter queue that takes no less',
    byRule('dead-letter-size'),
    byConstruct(
      'one limit for both',
      `${QUEUE} › makes both queues hold the same sizes, so that no dead letter is too large`,
    ),
  ),
  practice('SQS-22', 'The name of a FIFO queue ends with `.fifo`', byRule('fifo-name')),
  practice(
    'SQS-23',
    'High throughput of a FIFO queue is set whole',
    byRule('fifo-throughput'),
    byConstruct(
      'sets both halves',
      `${QUEUE} › makes both queues FIFO, with the whole pair of high throughput`,
    ),
  ),
  practice(
    'SQS-24',
    'A dead-letter queue breaks the strict order of a FIFO queue: a choice',
    byRuntime(
      'stops the group at a failure; only poison leaves it',
      'test/runtime/hosts/semantics.test.ts › keeps the order inside each FIFO group and stops a group at a failure, that group only',
      'test/runtime/hosts/semantics.test.ts › moves a poisoned message of a FIFO group aside and carries on behind it',
    ),
    leftOpen(
      'no rule: without a dead-letter queue one poisoned message blocks its group until it expires, which is the worse default',
    ),
  ),
  practice(
    'SQS-25',
    'Deduplication by content is a stated choice',
    byRuntime(
      'sends the business id, so that the body does not matter',
      'test/runtime/sns/publisher.test.ts › trap 34: names FIFO copies by type and business id, hashed when that does not fit',
    ),
    leftOpen(
      'no rule: either setting is right for some publisher, and no template says which publisher there is',
    ),
  ),
  practice(
    'SQS-26',
    'Reuse of data keys is tuned',
    leftOpen(
      'a matter of money: SQS’s 300 s is sound, and aws-cdk-lib’s own validation refuses what is out of range',
    ),
  ),
  practice('SQS-27', 'A queue that another account uses has a key it can use', byRule('account-keys')),
  practice(
    'SQS-28',
    'Tagged',
    leftOpen('left to your organisation’s tag policies: it would fire on most healthy stacks'),
  ),
  practice(
    'SQS-29',
    'What becomes of it when it leaves the stack is said',
    byConstruct(
      'one removal policy for all it holds, by posture',
      `${QUEUE} › keeps all it holds with one removal policy`,
      `${POSTURES} › keeps everything that leaves the stack, and protects tables`,
    ),
    leftOpen('no rule: aws-cdk-lib always writes it, and its own validation says so where an L1 does not'),
  ),
  practice(
    'SQS-30',
    'No physical name',
    byConstruct(
      'names nothing',
      'test/cdk/adoption.test.ts › names nothing physically, but for FIFO topics, which aws-cdk-lib names after their path',
    ),
    leftOpen('no rule: a name is needed where another account or Region refers to the queue'),
  ),
  practice(
    'SQS-31',
    'A standard queue of many tenants gets the tenant with each message',
    byRuntime(
      'sends the message’s group, which SQS shares the queue by',
      'test/runtime/sns/publisher.test.ts › sends a lone message at once, with its envelope and group',
      'test/examples/fair-queue.test.ts › serves a quiet tenant before the backlog of a noisy one',
    ),
    leftOpen('no rule: who the tenants are is not in a template'),
  ),
  practice(
    'SQS-32',
    'Somebody hears of too many messages in flight',
    byConstruct(
      'an alarm at 80 % of what SQS allows',
      'test/cdk/monitoring/monitoring.test.ts › trap 39: rings before a queue has so many messages in flight that it looks empty',
    ),
    leftOpen('no rule: few queues ever have 120,000 messages in flight'),
  ),
];
