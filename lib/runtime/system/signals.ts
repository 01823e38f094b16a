/** Signals with which schedulers (ECS, Kubernetes, systemd) and terminals ask a process to end. */
const SHUTDOWN_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** A signal that asks for a shutdown. */
export type ShutdownSignal = (typeof SHUTDOWN_SIGNALS)[number];

/** What {@link onShutdownSignal} needs of a process; tests give an emitter. */
export interface SignalSource {
  on(signal: ShutdownSignal, listener: () => void): unknown;
  removeListener(signal: ShutdownSignal, listener: () => void): unknown;
}

/**
 * Calls `onSignal` at the first SIGTERM or SIGINT, then listens no more: a second signal finds Node's default and ends
 * the process, so an operator is never locked out by a drain that hangs.
 * @returns takes the listeners away; fine to call twice
 */
export function onShutdownSignal(
  onSignal: (signal: ShutdownSignal) => void,
  source: SignalSource = process,
): () => void {
  const listeners = SHUTDOWN_SIGNALS.map((signal) => {
    const listener = (): void => {
      remove();
      onSignal(signal);
    };
    return { signal, listener };
  });
  const remove = (): void => {
    for (const { signal, listener } of listeners) source.removeListener(signal, listener);
  };
  for (const { signal, listener } of listeners) source.on(signal, listener);
  return remove;
}
