import { Validations, type App, type Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { MillraceChecks } from 'millrace/cdk';

/** Programs of docs/checks.md; test/examples/checks-guide.test.ts runs them. */

export function checkAll(app: App): void {
  // #region plugin
  Validations.of(app).addPlugins(new MillraceChecks());
  // #endregion plugin
}

export function checkStrictly(app: App): void {
  // #region options
  Validations.of(app).addPlugins(new MillraceChecks({ strict: true, skip: ['queue-tls'] }));
  // #endregion options
}

export function acknowledge(stack: Stack): void {
  // #region acknowledge
  const drafts = new Queue(stack, 'Drafts', { enforceSSL: true });
  Validations.of(drafts).acknowledge({
    id: 'Millrace::queue-dead-letters',
    reason: 'a draft that is lost is sent again by the editor',
  });
  // #endregion acknowledge
}
