import { readFileSync } from 'node:fs';
import { Stack, type App } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { acknowledge, checkAll, checkStrictly } from '../../examples/guides/checks.js';
import { createApp, refusalOf } from '../cdk/declarations.js';

function setup(): { readonly app: App; readonly stack: Stack; readonly synth: () => string } {
  const app = createApp();
  const synth = (): string => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    app.synth();
    const text = printed.mock.calls.flat().join('\n');
    printed.mockRestore();
    return text;
  };
  return { app, stack: new Stack(app, 'Shop'), synth };
}

describe('the guide to the checks', () => {
  it('shows a finding as it is printed', () => {
    const { app, stack, synth } = setup();
    checkAll(app);
    new Queue(stack, 'Orders', { enforceSSL: true });
    const [, shown = ''] = /```text\n([^]*?)```/.exec(readFileSync('docs/checks.md', 'utf8')) ?? [];
    const lines = shown.split('\n').filter((line) => line !== '');
    const printed = synth();
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.filter((line) => !printed.includes(line.trim()))).toEqual([]);
  });

  it('fails on warnings, but for those of a rule that was left out', () => {
    const { app, stack } = setup();
    checkStrictly(app);
    new Queue(stack, 'Orders');
    const refusal = refusalOf(() => app.synth());
    expect(refusal).toContain('has no dead-letter queue');
    expect(refusal).not.toContain('without TLS');
  });

  it('says nothing of what was acknowledged', () => {
    const { app, stack, synth } = setup();
    checkAll(app);
    acknowledge(stack);
    expect(synth()).not.toContain('dead-letter');
  });
});
