/** What `AbortController` is, for those who only abort and listen. */
export interface Abortable {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/**
 * An abort controller that is made when somebody asks for its signal: most handlers never do, and one for each message is
 * the most expensive thing a worker would make.
 */
export class LazyAbort implements Abortable {
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}
