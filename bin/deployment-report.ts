import type { Deployment } from '../lib/local/deploy.js';
import type { DeployEvent } from '../lib/local/deploy-options.js';
import type { CommandOption, CommandValues, Terminal } from './command.js';
import { toEnvLines, writeOutput } from './env-lines.js';

/** Options that `local` and `deploy` share. */
export const DEPLOYMENT_OPTIONS: readonly CommandOption[] = [
  { name: 'stack', value: '<name>', summary: 'deploy this stack and what it depends on', isRepeated: true },
  { name: 'parameter', value: '<name=value>', summary: 'value of a template parameter', isRepeated: true },
  {
    name: 'write-env',
    value: '<file>',
    summary: "write the workers' environment there, for node --env-file",
  },
  { name: 'json', summary: 'print one JSON object instead of lines' },
];

/** `--parameter Stage=dev` as the options of a deployment. */
export function parametersOf(values: CommandValues): Record<string, string> {
  return Object.fromEntries(
    values.texts('parameter').map((text) => {
      const [name = '', ...rest] = text.split('=');
      return [name, rest.join('=')];
    }),
  );
}

/** Stacks and parameters as the options of a deployment. */
export function selectionOf(values: CommandValues): {
  readonly stacks?: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
} {
  const stacks = values.texts('stack');
  return { ...(stacks.length > 0 && { stacks }), parameters: parametersOf(values) };
}

/** Tells people what is being created. */
export const tellProgress =
  (terminal: Terminal) =>
  ({ kind, stack, type, logicalId }: DeployEvent): void => {
    if (kind === 'created') terminal.err(`  ${stack}  ${type.replace('AWS::', '')} ${logicalId}\n`);
  };

/** Tells what was deployed: what is missing to people, the environment to whoever reads the output. */
export function reportDeployment(
  deployment: Deployment,
  endpoint: string,
  from: {
    readonly values: CommandValues;
    readonly terminal: Terminal;
  },
): void {
  const { values, terminal } = from;
  const { environment, notCreated, notApplied, outputs, resources, stacks } = deployment;
  const missing = new Map<string, number>();
  for (const { type } of notCreated) missing.set(type, (missing.get(type) ?? 0) + 1);
  const names = [...missing].map(([type, count]) => `${count} ${type.replace('AWS::', '')}`);
  terminal.err(`${resources.length} resources of ${stacks.join(', ')} at ${endpoint}\n`);
  if (names.length > 0) terminal.err(`not created: ${names.join(', ')}\n`);
  for (const { logicalId, property, reason } of notApplied) {
    terminal.err(`not applied: ${property} of ${logicalId}: ${reason}\n`);
  }
  const file = values.text('write-env');
  if (file !== undefined) writeOutput(file, toEnvLines(environment));
  if (values.flag('json')) {
    terminal.out(
      `${JSON.stringify({ endpoint, environment, outputs, resources, notCreated, notApplied })}\n`,
    );
  } else if (file === undefined) {
    terminal.out(toEnvLines(environment));
  } else {
    terminal.err(`environment: ${file}\n`);
  }
}
