/** Tells on standard output how far a program is, as a JSON line. */
export function say(kind: 'dispatched' | 'handled' | 'producing', records: number): void {
  process.stdout.write(`${JSON.stringify({ kind, records })}\n`);
}
