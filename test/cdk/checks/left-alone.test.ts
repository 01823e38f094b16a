import { Stack } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { createApp } from '../declarations.js';
import { checkApp } from './check-app.js';
import { createPair, createWorker } from './cases-of-rule.js';

describe('the checks', () => {
  it('ask no dead-letter queue of a function that a queue feeds', () => {
    const app = createApp();
    const stack = new Stack(app, 'Shop');
    const worker = createWorker(stack);
    worker.addEventSource(new SqsEventSource(createPair(stack).queue, { reportBatchItemFailures: true }));
    const about = checkApp(app).filter(({ rule }) => /^(lambda|mapping|recursive)/.test(rule));
    expect(about).toEqual([]);
  });
});
