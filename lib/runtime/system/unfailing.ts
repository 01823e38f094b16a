/**
 * A listener of the user's that fails nobody: what it throws, or rejects with where it is an async function, becomes a
 * warning of the process. Work must not stop for whoever watches it, and their bug must not stay unseen either.
 */
export function unfailing<Event>(listener: (event: Event) => unknown): (event: Event) => void {
  return (event) => {
    try {
      const told = listener(event);
      if (told !== undefined) Promise.resolve(told).catch(warn);
    } catch (error) {
      warn(error);
    }
  };
}

/** As text: Node takes no error of another realm, such as that of a test runner. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
