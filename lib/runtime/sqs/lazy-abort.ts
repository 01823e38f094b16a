/** What `AbortController` is, for those who only abort and listen. */
export interface Abortable {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/**
 * An abort controller that is made when somebody asks for its signal: most handlers never do, and one for each message is
 * the most expensive thing a worker would make.
 */
export function createLazyAbort(): Abortable {
  let controller: AbortController | undefined;
  let aborted: { readonly reason: unknown } | undefined;
  return {
    get signal() {
      if (controller === undefined) {
        controller = new AbortController();
        if (aborted !== undefined) controller.abort(aborted.reason);
      }
      return controller.signal;
    },
    abort: (reason) => {
      aborted ??= { reason };
      controller?.abort(reason);
    },
  };
}
