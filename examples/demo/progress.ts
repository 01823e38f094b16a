/** Tells a person how far the run is: one line that changes on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #startedAt = performance.now();
  readonly #values = new Map<string, string>();
  #lastPlainAt = 0;
  #isLineOpen = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** Seconds since the run began. */
  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }

  /** A step that is worth a line of its own. */
  say(text: string): void {
    this.#close();
    this.#out.write(`${this.#stamp()} ${text}\n`);
  }

  /** A figure that moves, e.g. `delays 120,000`. */
  show(name: string, value: number): void {
    this.#values.set(name, value.toLocaleString('en-US'));
    const line = [...this.#values].map(([key, figure]) => `${key} ${figure}`).join(' · ');
    if (this.#out.isTTY) {
      this.#out.write(`\r\x1b[2K${this.#stamp()} ${line.slice(0, (this.#out.columns || 100) - 10)}`);
      this.#isLineOpen = true;
    } else if (this.seconds - this.#lastPlainAt >= PLAIN_EVERY_SECONDS) {
      this.#lastPlainAt = this.seconds;
      this.#out.write(`${this.#stamp()} ${line}\n`);
    }
  }

  #stamp(): string {
    return `${this.seconds.toFixed(1).padStart(6)} s`;
  }

  #close(): void {
    if (this.#isLineOpen) this.#out.write('\n');
    this.#isLineOpen = false;
  }
}

const PLAIN_EVERY_SECONDS = 3;
