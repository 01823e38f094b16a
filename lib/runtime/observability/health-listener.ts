import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WorkerHealth } from '../../core/delivery/health.js';

/** Whatever can say how it is: queue workers. */
export interface HealthSource {
  /** How it is now; read at every probe, so it must be cheap. */
  health(): WorkerHealth;
}

/** How a process answers its probes. */
interface Probe {
  readonly isAlive: boolean;
  readonly isReady: boolean;
}

/**
 * Answers liveness and readiness probes for the workers of a process: `createServer(createHealthListener([worker]))`.
 *
 * | path | 200 | 503 |
 * |---|---|---|
 * | `/livez` | whatever else it does | `stuck`: a restart helps |
 * | `/readyz` | `working`, `paused` | `idle` (not started), `failing`, `stuck`, `draining`, `stopped` |
 *
 * The body is what each worker's `health()` says, as JSON. Other paths are answered 404. With several workers the worst
 * counts.
 * @see https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 */
export function createHealthListener(
  sources: readonly HealthSource[],
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const path = request.url?.split('?')[0];
    const isKnown = path === '/livez' || path === '/readyz';
    const health = isKnown ? sources.map((source) => source.health()) : [];
    const isWell = health
      .map(probeOf)
      .every(({ isAlive, isReady }) => (path === '/livez' ? isAlive : isReady));
    response.writeHead(isKnown ? (isWell ? 200 : 503) : 404, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
    response.end(JSON.stringify(isKnown ? health : { paths: ['/livez', '/readyz'] }));
  };
}

function probeOf({ status }: WorkerHealth): Probe {
  switch (status) {
    case 'working':
    case 'paused':
      return { isAlive: true, isReady: true };
    case 'idle':
    case 'failing':
    case 'draining':
    case 'stopped':
      return { isAlive: true, isReady: false };
    case 'stuck':
      return { isAlive: false, isReady: false };
  }
}
