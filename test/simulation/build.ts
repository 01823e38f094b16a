import type { MessageHandler } from '../../lib/runtime/index.js';
import type { Send } from './wire-call.js';

/**
 * The package as simulated processes run it: as it is, or broken on purpose through the ports that every user has (the
 * SDK client's request handler and the handlers).
 */
export interface Build {
  readonly name: string;
  /** Called once per process. */
  readonly changeCalls: (send: Send) => Send;
  readonly changeHandlers: (handlers: readonly MessageHandler[]) => readonly MessageHandler[];
}

/** The package as it is. */
export const SOUND_BUILD: Build = {
  name: 'sound',
  changeCalls: (send) => send,
  changeHandlers: (handlers) => handlers,
};
