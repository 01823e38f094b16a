import { createQueueWorker, emf, on, openTelemetry } from '../../../lib/runtime/index.js';
import { JobQueued, queueBinding } from '../sqs/fixtures.js';

const violationsOf = (act: () => unknown): readonly string[] => {
  try {
    act();
  } catch (error) {
    return (error as { readonly violations: readonly string[] }).violations;
  }
  return [];
};

describe('the options of telemetry', () => {
  it('rejects what openTelemetry can not use, all at once', () => {
    const options = { trace: true, metrics: 'yes', tracerProvider: {}, meterProvider: {} };
    expect(violationsOf(() => openTelemetry(options as never))).toEqual([
      "'trace' is no option: did you mean 'traces'?",
      "metrics must be true or false, got 'yes'",
      'tracerProvider must be a TracerProvider of OpenTelemetry',
      'meterProvider must be a MeterProvider of OpenTelemetry',
    ]);
  });

  it('rejects what emf can not use, all at once', () => {
    const options = {
      namespace: 'AWS/SQS',
      dimensions: { 'a b': 'x', Stage: '' },
      everySeconds: 0,
      write: 1,
    };
    expect(violationsOf(() => emf(options as never))).toEqual([
      'namespace must be 1-255 characters of A-Z a-z 0-9 . - _ / # : and not begin with AWS/',
      "dimensions: 'a b' must be letters, digits, _ and -",
      "dimensions.Stage must be text that is not empty, got ''",
      'everySeconds must be a number from 1 to 3600 (seconds), got 0',
      'write must be a function, got 1',
    ]);
  });

  it('rejects more dimensions than leave room for the metrics’ own', () => {
    const dimensions = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`D${index}`, 'x']));
    expect(violationsOf(() => emf({ namespace: 'Shop', dimensions }))).toEqual([
      'dimensions may be 20 at most, got 21',
    ]);
  });

  it('rejects a telemetry that is none', () => {
    const options = {
      queue: queueBinding(),
      idempotency: 'none',
      handlers: [on(JobQueued, () => undefined)],
    } as const;
    const words = 'telemetry must be made with openTelemetry() or emf({ namespace }), or be a list of those';
    for (const telemetry of [openTelemetry, [emf], null, 'otel'])
      expect(violationsOf(() => createQueueWorker({ ...options, telemetry: telemetry as never }))).toEqual([
        words,
      ]);
  });
});
