/** What `AbortController` is, for those who only abort and listen. */
export interface Abortable {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/** How a call learns that its caller wants no answer any more. */
export interface Cancellation {
  readonly isAborted: boolean;
  /** For calls that must be given one. */
  readonly signal: AbortSignal;
  /** Sets who else is told of an abort, once; undefined for nobody. */
  onAbort(listener: (() => void) | undefined): void;
}

/**
 * An abort controller that is made when somebody asks for its signal: most handlers never do, nor does a call that we make
 * ourselves, and one for each is the most expensive thing a worker would make.
 */
export class LazyAbort implements Abortable, Cancellation {
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  #listener: (() => void) | undefined;

  get isAborted(): boolean {
    return this.#aborted !== undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  onAbort(listener: (() => void) | undefined): void {
    this.#listener = listener;
  }

  /** The first reason counts. */
  abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    this.#controller?.abort(reason);
    this.#listener?.();
  }
}
