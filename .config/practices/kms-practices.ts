import { byConstruct, byRule, leftOpen, practice, type Practice } from './practice.js';

const ONE_KEY =
  'test/cdk/posture/postures.test.ts › encrypts everything with one key of the stack, rotated and retained';

/** Practices on keys. */
export const KMS_PRACTICES: readonly Practice[] = [
  practice(
    'KMS-01',
    'Rotated',
    byConstruct('is', ONE_KEY),
    leftOpen('no rule: every scanner looks for it, on all keys'),
  ),
  practice('KMS-02', 'For nobody by a wildcard', byRule('key-public')),
  practice(
    'KMS-03',
    'A key that knows a topic does not encrypt it',
    byRule('key-cycle'),
    byConstruct(
      'lets SNS use it for the account',
      'test/cdk/posture/postures.test.ts › makes no cycle of topic, queue and key (restrictSqsDescryption: %s)',
    ),
  ),
  practice(
    'KMS-04',
    'Stays as long as what it encrypts',
    byRule('key-removal'),
    byConstruct('does', ONE_KEY),
  ),
];
