import os from 'node:os';

/** What a figure was measured on, as one line. */
export function describeMachine(): string {
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${cpus.length} x ${cpus[0]?.model ?? 'unknown CPU'}, ${memory} GiB, ${os.platform()} ${os.arch()}, Node.js ${process.version}`;
}
