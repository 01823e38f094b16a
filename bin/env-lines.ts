import { writeFileSync } from 'node:fs';
import { MillraceError } from '../lib/core/errors.js';

/**
 * Variables as lines that a shell can source and `node --env-file` can read. Both take single quotes literally; a
 * single quote inside becomes its JSON escape, which is the same to whoever parses the binding.
 */
export function toEnvLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}='${value.replaceAll("'", '\\u0027')}'\n`)
    .join('');
}

/** Writes a file a command was asked for. @throws {INVALID_OPTIONS} the place can't be written to */
export function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MillraceError('INVALID_OPTIONS', `${file} can't be written: ${reason}; choose another place`, {
      cause,
    });
  }
}
