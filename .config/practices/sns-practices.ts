import { byConstruct, byRule, byRuntime, leftOpen, practice, type Practice } from './practice.js';

const TOPIC = 'test/cdk/topic/fanout-topic.test.ts';
const LOGGING = 'test/cdk/topic/delivery-logging.test.ts';
const IMPORTS = 'test/cdk/imports.test.ts';
const PUBLISHER = 'test/runtime/sns/publisher.test.ts';
const RECEIVER = 'test/runtime/webhook/webhook-receiver.test.ts';
const POSTURES = 'test/cdk/posture/postures.test.ts';
const MONITORING = 'test/cdk/monitoring/monitoring.test.ts';

/** Practices on topics and their subscriptions. */
export const SNS_PRACTICES: readonly Practice[] = [
  practice(
    'SNS-01',
    'Encrypted with a key',
    byConstruct(
      'by posture',
      `${POSTURES} › encrypts everything with one key of the stack, rotated and retained`,
    ),
    leftOpen(
      'no rule: SNS encrypts its disks, a key costs money, and the scanners in [postures](postures.md) ask for it',
    ),
  ),
  practice(
    'SNS-02',
    'A customer managed key, not the one AWS manages, where AWS services publish',
    byRule('publisher-keys', 'alarm-delivery'),
    byConstruct(
      'never uses the one AWS manages',
      `${POSTURES} › makes no key, and everything but the stream goes with its stack`,
    ),
  ),
  practice(
    'SNS-03',
    'The key lets the services in that publish',
    byRule('publisher-keys', 'alarm-delivery'),
    byConstruct(
      'opens the key of the alarm topic',
      `${MONITORING} › sends the alarms of everything below to its topic, whose policy and key let CloudWatch in`,
    ),
  ),
  practice(
    'SNS-04',
    'TLS only',
    byRule('topic-tls'),
    byConstruct(
      'denies plain HTTP',
      `${TOPIC} › takes TLS only, and gives the account back what the default policy gave`,
    ),
  ),
  practice(
    'SNS-05',
    'A policy that denies gives the owner back what the default policy gave',
    byRule('topic-owner'),
    byConstruct(
      'gives it back',
      `${TOPIC} › takes TLS only, and gives the account back what the default policy gave`,
    ),
  ),
  practice('SNS-06', 'Nobody is let in by a wildcard', byRule('public-policy')),
  practice(
    'SNS-07',
    'A subscribed queue lets in this topic, and it alone',
    byRule('subscription-policy', 'confused-deputy'),
    byConstruct(
      'pins it by ARN',
      `${TOPIC} › lets the topic send to the queue, that topic alone, before the subscription is made`,
    ),
  ),
  practice(
    'SNS-08',
    'A subscription waits for the queue’s policy',
    byRule('subscription-order'),
    byConstruct(
      'orders them',
      `${TOPIC} › lets the topic send to the queue, that topic alone, before the subscription is made`,
    ),
  ),
  practice(
    'SNS-09',
    'Every subscription keeps its failed deliveries',
    byRule('subscription-dead-letters'),
    byConstruct(
      'always',
      `${TOPIC} › keeps failed deliveries in a queue of their own, which SNS may send to`,
    ),
  ),
  practice(
    'SNS-10',
    'SNS may send to that dead-letter queue, and use its key',
    byRule('subscription-dead-letter-policy', 'subscription-keys'),
    byConstruct(
      'opens both',
      `${TOPIC} › lets SNS use the key of an encrypted queue and of its dead letters`,
    ),
  ),
  practice(
    'SNS-11',
    'That dead-letter queue is of the subscribed queue’s type, in the Region of the topic',
    byRule('dead-letter-place', 'subscription-dead-letter-type'),
    byConstruct(
      'makes it of that type, and refuses another',
      `${TOPIC} › makes the dead-letter queue of a FIFO subscription FIFO`,
      `${TOPIC} › a dead-letter queue of the other type`,
    ),
  ),
  practice(
    'SNS-12',
    'Raw delivery is a choice the client knows, with ten attributes at most',
    byRule('raw-delivery'),
    byConstruct(
      'raw, and the binding says so; two ways in one queue are refused',
      `${TOPIC} › delivers raw and everything when nothing is said`,
      `${TOPIC} › two ways to read a body in one queue`,
    ),
    byRuntime(
      'needs two attributes of the ten',
      `${PUBLISHER} › trap 31: needs two attributes, so that raw delivery through a topic keeps room for eight`,
    ),
  ),
  practice(
    'SNS-13',
    'A filter has at most 5 keys, 150 combinations and 256 KB',
    byRule('filter-limits'),
    byConstruct(
      'refuses more',
      `${TOPIC} › filters beyond what SNS takes, and options that do not exist, all at once`,
    ),
  ),
  practice(
    'SNS-14',
    'At most 200 filter policies of a topic',
    byRule('filter-count'),
    byConstruct(
      'writes none where all messages are wanted',
      `${TOPIC} › delivers raw and everything when nothing is said`,
    ),
  ),
  practice(
    'SNS-15',
    'A filter says its scope',
    byRule('filter-scope'),
    byConstruct('always', `${TOPIC} › filters on the message names and on attributes, and says the scope`),
  ),
  practice(
    'SNS-16',
    'A FIFO topic delivers to queues only',
    byRule('subscription-types'),
    byConstruct(
      'refuses the rest',
      `${TOPIC} › rejects all but queues on a FIFO topic, and on a topic of large messages what can not take them`,
    ),
  ),
  practice(
    'SNS-17',
    'A standard topic feeds no FIFO queue',
    byRule('subscription-types'),
    byConstruct('refuses it', `${TOPIC} › a FIFO queue behind a standard topic`),
  ),
  practice(
    'SNS-18',
    'What is published to a FIFO topic has a deduplication id',
    byRuntime(
      'sends it with every message',
      `${PUBLISHER} › trap 34: names FIFO copies by type and business id, hashed when that does not fit`,
    ),
    leftOpen('no rule: how others publish is not in a template'),
  ),
  practice(
    'SNS-19',
    'Over 3,000 messages a second a FIFO topic is limited per group',
    byConstruct('always', `${TOPIC} › is FIFO with limits per message group`),
    leftOpen('no rule: how much is published is not in a template'),
  ),
  practice(
    'SNS-20',
    'Only a FIFO topic keeps an archive, of 1 to 365 days',
    byRule('topic-archive'),
    byConstruct(
      'refuses the rest',
      `${LOGGING} › rejects an archive of a standard topic, and one of half days`,
    ),
  ),
  practice(
    'SNS-21',
    'Failed deliveries are logged with their reasons',
    byConstruct(
      '`deliveryLogging`',
      `${LOGGING} › logs the failures of every protocol, by a role that only SNS for this account may take`,
    ),
    leftOpen('no rule: it costs money, and a dead-letter queue per subscription keeps what failed'),
  ),
  practice(
    'SNS-22',
    'What is posted to a URL is signed with SHA-256',
    byRule('signature-version'),
    byRuntime('can insist on it', `${RECEIVER} › rejects signature version 1 where only '2' is allowed`),
  ),
  practice(
    'SNS-23',
    'Active tracing where X-Ray is used',
    byRuntime(
      'carries the trace in the envelope, whatever the tracing service',
      'test/runtime/observability/open-telemetry.test.ts › lead from the request through the queue into the handler',
    ),
    leftOpen('no rule: whether X-Ray is used is not in a template'),
  ),
  practice(
    'SNS-24',
    'A topic of messages over 256 KiB has at most 100 subscriptions, of queues, functions and Firehose',
    byRule('large-topic', 'dead-letter-size'),
    byConstruct(
      'refuses the rest',
      `${TOPIC} › rejects all but queues on a FIFO topic, and on a topic of large messages what can not take them`,
    ),
  ),
  practice('SNS-25', 'Nothing new is built on message data protection', byRule('data-protection')),
  practice(
    'SNS-26',
    'Posted over TLS, with bounded retries and a dead-letter queue',
    byRule('subscription-https', 'subscription-dead-letters'),
    leftOpen('retries: SNS itself refuses a delivery policy of more than an hour'),
  ),
  practice(
    'SNS-27',
    'A subscription that waits for its confirmation is not taken for one that delivers',
    byRule('subscription-owner'),
    byRuntime(
      'confirms by the API',
      `${RECEIVER} › confirms a subscription with topic and token, and fetches nothing but the certificate`,
    ),
    leftOpen(
      'e-mail: whether a person has clicked is not in a template, and a warning on every address would be noise',
    ),
  ),
  practice(
    'SNS-28',
    'SMS: spend limit, transactional type, origination identity',
    leftOpen('they are settings of the account; CloudFormation has none of them'),
  ),
  practice(
    'SNS-29',
    'Across accounts, the owner of the queue subscribes',
    byRule('subscription-owner'),
    byConstruct(
      'does so for imported topics',
      `${IMPORTS} › subscribes a queue of this app to a topic of another account and Region`,
    ),
  ),
  practice('SNS-30', 'SNS of an opt-in Region is let in by its Regional name', byRule('subscription-region')),
  practice(
    'SNS-31',
    'Tagged',
    leftOpen('left to your organisation’s tag policies: it would fire on most healthy stacks'),
  ),
  practice(
    'SNS-32',
    'Events of RDS and an encrypted topic: RDS’s API page denies them, its guide shows a policy',
    byRule('publisher-keys', 'publisher-types'),
    leftOpen('where the key is open to RDS, try it once: the documentation contradicts itself'),
  ),
];
