import type { Clock } from '../../core/clock.js';

/** What recording a message that is done may take, milliseconds: many times what a store that answers needs. */
const RECORDING_MS = 5_000;

/**
 * Waits for a record, but not for a store that has stopped answering: its calls may take minutes to fail, and the message
 * would be lost meanwhile, to be handled again. What is late goes on; it must not reject.
 */
export function recordedInTime<Outcome>(
  clock: Clock,
  recording: Promise<Outcome>,
  late: Outcome,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const timer = clock.schedule(RECORDING_MS, () => resolve(late));
    void recording.then((outcome) => {
      timer.cancel();
      resolve(outcome);
    });
  });
}
