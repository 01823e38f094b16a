import type { Capability, Service } from '../conformance-case.js';

/** How an engine is reached once it runs. */
export interface RunningEngine {
  /** Version as its registry names it. */
  readonly version: string;
  /** Endpoint of each service it serves; undefined for AWS itself, whose endpoints the SDK knows. */
  readonly endpoint: string | undefined;
  /** Moves the engine's time, where it can. */
  readonly advance?: (ms: number) => Promise<void>;
  /** Ends the process or server; resolves when it is gone. */
  readonly stop: () => Promise<void>;
  /** Whether a case made it crash; it is then started anew. Left out where that cannot happen. */
  readonly hasEnded?: () => boolean;
}

/** One implementation of some of the services, and how to get it. */
export interface EngineAdapter {
  readonly name: string;
  readonly services: readonly Service[];
  /** What it offers besides; `clock` follows from `startOnManualClock`. */
  readonly capabilities: readonly Capability[];
  /** Protocol for Kinesis: engines that speak no HTTP/2 are talked to over HTTP/1.1. */
  readonly transport: 'sdk-default' | 'http1';
  /** Multiplies each case's time limit. @default 1 */
  readonly patience?: number;
  /** Cases at once, for engines that choke on more. @default - what the run says */
  readonly concurrency?: number;
  /**
   * Installs (into `cache`) and starts it.
   * @throws {NotAvailable} when this machine or its registries cannot provide it
   */
  readonly start: (cache: string) => Promise<RunningEngine>;
  /** The same engine on a clock that cases can move; cases that need `clock` run there. */
  readonly startOnManualClock?: (cache: string) => Promise<RunningEngine>;
}

/** An engine that cannot run here, and why: reported, never a failure of the suite. */
export class NotAvailable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotAvailable';
  }
}
