import { byConstruct, byRule, practice, type Practice } from './practice.js';

const TOPIC = 'test/cdk/topic/fanout-topic.test.ts';

/** Practices on topics and their subscriptions. */
export const SNS_PRACTICES: readonly Practice[] = [
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
  ),
];
