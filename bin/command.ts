/** What a command may do to the world around it; tests give their own. */
export interface Terminal {
  /** For what was asked for: can be piped. */
  readonly out: (text: string) => void;
  /** For people: progress, complaints. */
  readonly err: (text: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** One option of a command. */
export interface CommandOption {
  readonly name: string;
  /** How the value is called in the help text; a flag has none. */
  readonly value?: string;
  readonly summary: string;
  /** @default - the option is left out */
  readonly byDefault?: string;
  readonly isRequired?: boolean;
  /** Whether it may be given several times. */
  readonly isRepeated?: boolean;
}

/** Options as they were given, checked against what the command declares. */
export interface CommandValues {
  /** Text of an option, or its default; `undefined` if it has neither. */
  text(name: string): string | undefined;
  /** Text of an option that is required or has a default. */
  required(name: string): string;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
}

/** One command of `millrace`. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CommandOption[];
  /** Resolves with the exit code. */
  readonly run: (values: CommandValues, terminal: Terminal) => Promise<number>;
}

/** Exit codes: done, it did not work, the command line was wrong. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;
