/** The narrow part of dynalite 4 that is used here; the package ships no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** How long tables stay in their in-between statuses. */
  interface DynaliteOptions {
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  function dynalite(options?: DynaliteOptions): Server;
  export = dynalite;
}
