import { App, Stack } from 'aws-cdk-lib';
import { FanoutTopic, ShardedStream, WorkQueueWithDLQ } from '../../lib/cdk/index.js';
import { CommitSeen, FlightLanded, IssueOpened } from './declarations.js';

describe('the template validation of aws-cdk-lib', () => {
  it('finds nothing to say of what the constructs make', () => {
    const complaints = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const app = new App({ context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    const stack = new Stack(app, 'Shop');
    const events = new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
    const commits = new FanoutTopic(stack, 'Commits', { messages: [CommitSeen], fifo: true });
    events.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds', { idempotency: true }), {
      messages: [IssueOpened],
    });
    commits.fanOutTo(new WorkQueueWithDLQ(stack, 'Audit', { fifo: true }));
    new ShardedStream(stack, 'Flights', { record: FlightLanded }).addReader('delays', {
      enhancedFanOut: true,
    });
    expect(() => app.synth()).not.toThrow();
    expect(complaints).not.toHaveBeenCalled();
    complaints.mockRestore();
  });
});
