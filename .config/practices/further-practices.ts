import { byConstruct, byRule, practice, type Practice } from './practice.js';

/** What breaks in templates beside the catalogue of practices. */
export const FURTHER_PRACTICES: readonly Practice[] = [
  practice('MIL-01', 'An AWS service that sends or publishes is let in', byRule('publisher-policy')),
  practice(
    'MIL-02',
    'A policy stays within 20 statements of a queue, 100 of a topic, and their bytes',
    byRule('policy-size'),
  ),
  practice('MIL-03', 'SNS has a role by which it puts records into Firehose', byRule('firehose-role')),
  practice('MIL-04', 'An alarm tells a topic of its own Region', byRule('alarm-region')),
  practice('MIL-05', 'Bindings fit into the 4 KB environment of a function', byRule('lambda-environment')),
  practice(
    'MIL-06',
    'Payloads of claim checks outlive the messages that point to them',
    byRule('claim-check-lifecycle'),
    byConstruct(
      'judges it by the queues that subscribed',
      'test/cdk/claim-check.test.ts › is judged at synth by the queues that subscribed',
    ),
  ),
  practice('MIL-07', 'A worker can use the key of its queue', byRule('worker-keys', 'mapping-rights')),
];
