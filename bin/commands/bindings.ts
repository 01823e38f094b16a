import { readFileSync } from 'node:fs';
import { MillraceError } from '../../lib/core/errors.js';
import { bindingsIn, environmentOfBindings } from '../../lib/local/bindings.js';
import { EXIT, type Command } from '../command.js';
import { toEnvLines, writeOutput } from '../env-lines.js';

/** `millrace bindings`: from a real deployment's outputs to a worker's environment. */
export const bindingsCommand: Command = {
  name: 'bindings',
  summary: "Print the bindings of a 'cdk deploy --outputs-file' as environment variables.",
  options: [
    { name: 'outputs', value: '<file>', summary: "what 'cdk deploy --outputs-file' wrote", isRequired: true },
    { name: 'write-env', value: '<file>', summary: 'write them there instead of printing them' },
    { name: 'json', summary: 'as one JSON object' },
  ],
  run: (values, terminal) => {
    const variables = environmentOfBindings(bindingsIn(readOutputs(values.required('outputs'))));
    const text = values.flag('json') ? `${JSON.stringify(variables)}\n` : toEnvLines(variables);
    const file = values.text('write-env');
    if (file === undefined) terminal.out(text);
    else writeOutput(file, text);
    if (Object.keys(variables).length > 0) return Promise.resolve(EXIT.done);
    terminal.err(
      'millrace bindings: there is no binding in these outputs: add a BindingOutputs to the stack and deploy\n',
    );
    return Promise.resolve(EXIT.failed);
  },
};

type Outputs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function readOutputs(file: string): Outputs {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new MillraceError(
      'INVALID_OPTIONS',
      `${file} ${reason}: give the file that 'cdk deploy --outputs-file' wrote`,
      { cause },
    );
  };
  let outputs: unknown;
  try {
    outputs = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    return refuse("can't be read as JSON", cause);
  }
  return isOutputs(outputs) ? outputs : refuse('holds no outputs by stack');
}

function isOutputs(value: unknown): value is Outputs {
  const isRecord = (each: unknown): each is object =>
    typeof each === 'object' && each !== null && !Array.isArray(each);
  return isRecord(value) && Object.values(value).every(isRecord);
}
