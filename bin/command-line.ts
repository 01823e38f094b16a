import { readFileSync } from 'node:fs';
import { isMillraceError } from '../lib/core/errors.js';
import { EXIT, type Command, type CommandOption, type Terminal } from './command.js';
import { bindingsCommand } from './commands/bindings.js';
import { deployCommand } from './commands/deploy.js';
import { localCommand } from './commands/local.js';
import { topologyCommand } from './commands/topology.js';
import { describeUnknown, parseOptions } from './parse-options.js';

const COMMANDS: readonly Command[] = [localCommand, deployCommand, bindingsCommand, topologyCommand];

/**
 * Runs one command line and gives its exit code: 0 done, 1 it did not work, 2 the command line was wrong.
 * @param args without the program's own name
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '--help', ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    terminal.out(helpOf(COMMANDS.find((command) => command.name === rest[0])));
    return EXIT.done;
  }
  if (name === '--version' || name === '-v') {
    terminal.out(`${ownVersion()}\n`);
    return EXIT.done;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) {
    const known = [...COMMANDS.map((each) => each.name), '--help', '--version'];
    return complain(terminal, [describeUnknown(name, known, 'command')], 'millrace --help');
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out(helpOf(command));
    return EXIT.done;
  }
  const parsed = parseOptions(command, rest);
  if (parsed.kind === 'wrong')
    return complain(terminal, parsed.violations, `millrace ${command.name} --help`);
  try {
    return await command.run(parsed.values, terminal);
  } catch (error) {
    if (!isMillraceError(error)) throw error; // a bug: its stack is what is needed
    terminal.err(`millrace ${command.name}: ${error.message} (${error.code})\n`);
    return error.code === 'INVALID_OPTIONS' ? EXIT.usage : EXIT.failed;
  }
}

function complain(terminal: Terminal, violations: readonly string[], help: string): number {
  for (const violation of violations) terminal.err(`millrace: ${violation}\n`);
  terminal.err(`see '${help}'\n`);
  return EXIT.usage;
}

function helpOf(command: Command | undefined): string {
  if (command === undefined) {
    const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}\n`);
    return `Usage: millrace <command> [options]\n\nCommands:\n${rows.join('')}\nOptions:\n  --help     Show this, or 'millrace <command> --help' for one command\n  --version  Show the version\n`;
  }
  const shown = command.options.map((option) => ({
    option,
    form: `--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`,
  }));
  const width = Math.max(...shown.map(({ form }) => form.length));
  const rows = shown.map(
    ({ option, form }) => `  ${form.padEnd(width)}  ${option.summary}${remarkOf(option)}\n`,
  );
  return `Usage: millrace ${command.name} [options]\n\n${command.summary}\n\nOptions:\n${rows.join('')}`;
}

function remarkOf({ byDefault, isRequired, isRepeated }: CommandOption): string {
  const remarks = [
    ...(isRequired === true ? ['needed'] : []),
    ...(byDefault === undefined ? [] : [`default ${byDefault}`]),
    ...(isRepeated === true ? ['can be repeated'] : []),
  ];
  return remarks.length === 0 ? '' : ` (${remarks.join(', ')})`;
}

/** The version stands in package.json only; where that is depends on whether this file was built. */
function ownVersion(): string {
  for (const candidate of ['../package.json', '../../../package.json']) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(candidate, import.meta.url), 'utf8'));
      if (isOwnManifest(manifest)) return manifest.version;
    } catch {
      continue; // not there: this is the other layout
    }
  }
  return 'unknown';
}

function isOwnManifest(manifest: unknown): manifest is { readonly version: string } {
  return (
    typeof manifest === 'object' &&
    manifest !== null &&
    'name' in manifest &&
    manifest.name === 'millrace' &&
    'version' in manifest &&
    typeof manifest.version === 'string'
  );
}
