import { Stack, type App } from 'aws-cdk-lib';
import { createApp } from '../declarations.js';
import { checkApp, type FoundViolation } from './check-app.js';
import { HOME } from './foreign-resources.js';
import { PUBLISHER_CASES } from './publisher-cases.js';
import { QUEUE_CASES } from './queue-cases.js';
import type { FineCase, CasesOfRule } from './cases-of-rule.js';
import { SUBSCRIPTION_CASES } from './subscription-cases.js';
import { TOPIC_CASES } from './topic-cases.js';
import { WORKER_CASES } from './worker-cases.js';

const ALL: readonly CasesOfRule[] = [
  ...QUEUE_CASES,
  ...TOPIC_CASES,
  ...SUBSCRIPTION_CASES,
  ...PUBLISHER_CASES,
  ...WORKER_CASES,
];

/** What one rule says of one stack at home. */
function findings(rule: string, build: FineCase['build']): readonly FoundViolation[] {
  const app: App = createApp();
  build(new Stack(app, 'Shop', { env: HOME }));
  return checkApp(app).filter((finding) => finding.rule === rule);
}

describe.each(ALL)('$rule', ({ rule, broken, fine }) => {
  it.each(broken)('finds that $when', ({ build, says, fix = '' }) => {
    const found = findings(rule, build);
    expect(found.map(({ words }) => words).join('\n')).toContain(says);
    expect(found.map((finding) => finding.fix).join('\n')).toContain(fix);
  });

  it.each(fine)('says nothing where $when', ({ build }) => {
    expect(findings(rule, build)).toEqual([]);
  });
});
