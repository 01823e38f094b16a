/**
 * What the end of a handler says about what it depends on: `silent` where it says nothing, such as a duplicate, poison or
 * a handler that was asked to end because the worker stops.
 */
export type HandlerSign = 'succeeded' | 'failed' | 'silent';

/** The end of one handler, milliseconds of one monotonic clock. */
export interface HandlerEnd {
  readonly sign: HandlerSign;
  readonly startedAt: number;
  readonly endedAt: number;
}
