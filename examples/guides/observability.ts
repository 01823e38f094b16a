import { createServer } from 'node:http';
import {
  createHealthListener,
  createPublisher,
  createQueueWorker,
  emf,
  on,
  openTelemetry,
  type Telemetry,
} from 'millrace/runtime';
import { PushReceived } from '../quickstart/messages.js';

/** Programs of docs/observability.md; test/examples/guides.test.ts runs them. */
export const build = (ref: string): Promise<string> => Promise.resolve(`built ${ref}`);

export function createTracedWorker() {
  // #region worker
  const worker = createQueueWorker({
    queue: 'Builds',
    idempotency: 'none',
    telemetry: [openTelemetry(), emf({ namespace: 'Builds', dimensions: { Stage: 'prod' } })],
    handlers: [
      on(PushReceived, async (push) => {
        await build(push.ref); // runs inside the span `process Builds`
      }),
    ],
  });
  // #endregion worker
  return worker;
}

export function createTracedPublisher() {
  // #region publisher
  const publisher = createPublisher({ queue: 'Builds', telemetry: openTelemetry({ baggage: true }) });
  // #endregion publisher
  return publisher;
}

export function serveHealth(worker: ReturnType<typeof createTracedWorker>, port: number) {
  // #region health
  const probes = createServer(createHealthListener([worker]));
  probes.listen(port);
  // #endregion health
  return probes;
}

// #region own
/** Counts in a process's own way: whatever implements `Telemetry` is given every measurement. */
export function countingTelemetry(count: (name: string, value: number) => void): Telemetry {
  return {
    open: (subject) =>
      Promise.resolve({
        measure: ({ metric, value }) => count(`${subject.client} ${metric}`, value),
        watch: () => undefined, // gauges: keep the function, and call it when values are due
        flush: () => undefined,
        close: () => undefined,
      }),
  };
}
// #endregion own
