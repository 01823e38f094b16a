/** The name of an error, which is how AWS errors are told apart; structural, since `instanceof` fails across realms. */
export function errorName(error: unknown): string {
  const named = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return typeof named === 'string' ? named : 'unknown error';
}

/** The system's or the name's word for an error: `ECONNREFUSED`, `AccessDenied`. */
export function errorCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : errorName(error);
}

/** What an error says, for the end of a sentence. */
export function errorMessage(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return typeof message === 'string' ? message : String(error);
}
