import { EmfBatch } from '../../../lib/runtime/observability/emf-lines.js';
import { METRICS } from '../../../lib/runtime/observability/metrics.js';

interface Line {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

const AT = 1_700_000_000_000;

const setup = () => {
  const batch = new EmfBatch({
    namespace: 'Shop',
    dimensions: { Client: 'queue-worker', Destination: 'Jobs' },
  });
  return { batch, lines: (): Line[] => batch.take(AT).map((line) => JSON.parse(line) as Line) };
};

describe('a batch of metrics in CloudWatch’s format', () => {
  it('says namespace, dimensions and units beside the values', () => {
    const { batch, lines } = setup();
    batch.add({ metric: 'messaging.client.consumed.messages', value: 3 });
    batch.add({ metric: 'millrace.message.dwell', value: 0.25 });
    expect(lines()).toEqual([
      {
        _aws: {
          Timestamp: AT,
          CloudWatchMetrics: [
            {
              Namespace: 'Shop',
              Dimensions: [['Client', 'Destination']],
              Metrics: [
                { Name: 'MessagesReceived', Unit: 'Count' },
                { Name: 'MessageDwell', Unit: 'Seconds' },
              ],
            },
          ],
        },
        Client: 'queue-worker',
        Destination: 'Jobs',
        MessagesReceived: 3,
        MessageDwell: 0.25,
      },
    ]);
  });

  it('sums counters, keeps the last of a gauge and every value of a histogram', () => {
    const { batch, lines } = setup();
    for (const value of [1, 2, 3]) {
      batch.add({ metric: 'messaging.client.consumed.messages', value });
      batch.add({ metric: 'millrace.handlers.active', value });
      batch.add({ metric: 'millrace.receive.messages', value });
    }
    expect(lines()[0]).toMatchObject({ MessagesReceived: 6, HandlersActive: 3, ReceiveMessages: [1, 2, 3] });
  });

  it('writes of a total what came since it was written', () => {
    const { batch, lines } = setup();
    const calls = (value: number): void =>
      batch.add({ metric: 'millrace.api.calls', value, attributes: { operation: 'receive' } });
    calls(5);
    expect(lines()[0]).toMatchObject({ ApiCalls: 5, Operation: 'receive' });
    calls(7);
    expect(lines()[0]).toMatchObject({ ApiCalls: 2 });
    calls(7);
    expect(lines()).toEqual([]);
  });

  it('has a line for each combination of attributes', () => {
    const { batch, lines } = setup();
    for (const type of ['RateLimited', 'TypeError', 'RateLimited'])
      batch.add({ metric: 'millrace.message.failures', value: 1, attributes: { 'error.type': type } });
    expect(lines().map(({ ErrorType, MessageFailures }) => [ErrorType, MessageFailures])).toEqual([
      ['RateLimited', 2],
      ['TypeError', 1],
    ]);
  });

  it('puts 100 values of a histogram into a line', () => {
    const { batch, lines } = setup();
    for (let value = 0; value < 250; value += 1) batch.add({ metric: 'millrace.message.dwell', value });
    expect(lines().map(({ MessageDwell }) => (MessageDwell as number[]).length)).toEqual([100, 100, 50]);
  });

  it('stays within the limits of a line with every metric at its fullest', () => {
    const { batch } = setup();
    for (const metric of Object.keys(METRICS) as (keyof typeof METRICS)[])
      for (let value = 0; value < 100; value += 1) batch.add({ metric, value: 1_234.567_891 + value });
    const [line = ''] = batch.take(AT);
    const [directive] = (JSON.parse(line) as Line)._aws.CloudWatchMetrics;
    expect(directive!.Metrics.length).toBeLessThanOrEqual(100);
    expect(line.length).toBeLessThan(262_144);
  });

  it('counts the 51st class of error and those after it as other', () => {
    const { batch, lines } = setup();
    for (let index = 0; index < 60; index += 1)
      batch.add({ metric: 'millrace.message.failures', value: 1, attributes: { 'error.type': `E${index}` } });
    const written = lines();
    expect(written).toHaveLength(51);
    expect(written.at(-1)).toMatchObject({ ErrorType: 'other', MessageFailures: 10 });
  });

  it('makes dimension values of any text ones that CloudWatch takes', () => {
    const { batch, lines } = setup();
    for (const type of ['', ':é', 'x'.repeat(300)])
      batch.add({ metric: 'millrace.message.failures', value: 1, attributes: { 'error.type': type } });
    expect(lines().map(({ ErrorType }) => ErrorType)).toEqual(['none', '??', 'x'.repeat(250)]);
  });

  it('names every metric once in CloudWatch', () => {
    const names = Object.values(METRICS).map(({ cloudWatch }) => cloudWatch);
    expect(new Set(names).size).toBe(names.length);
  });
});
