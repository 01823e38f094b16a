import { existsSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { deployAssembly } from '../../lib/local/deploy.js';
import { createLocalAws } from '../../lib/testing/local-aws.js';
import { MillraceError } from '../../lib/core/errors.js';
import { EXIT, type Command, type CommandValues, type Terminal } from '../command.js';
import { DEPLOYMENT_OPTIONS, reportDeployment, selectionOf, tellProgress } from '../deployment-report.js';

/** `millrace local`: the embedded AWS with the app's resources in it, until Ctrl-C. */
export const localCommand: Command = {
  name: 'local',
  summary:
    'Run SQS, SNS, Kinesis and DynamoDB on this machine, with what a synthesized app says in them, until Ctrl-C.',
  options: [
    {
      name: 'assembly',
      value: '<folder>',
      summary: "what 'cdk synth' wrote; without one, nothing is created",
      byDefault: 'cdk.out',
    },
    { name: 'port', value: '<number>', summary: 'port to listen on, 0 for a free one', byDefault: '4566' },
    { name: 'host', value: '<address>', summary: 'address to listen on', byDefault: '127.0.0.1' },
    { name: 'region', value: '<name>', summary: 'region to be', byDefault: 'us-east-1' },
    ...DEPLOYMENT_OPTIONS,
  ],
  run: async (values, terminal) => {
    const aws = await createLocalAws({
      port: portOf(values),
      host: values.required('host'),
      region: values.required('region'),
    });
    try {
      terminal.err(`listening on ${aws.endpoint}\n`);
      await deployInto(aws, values, terminal);
      terminal.err('ready; Ctrl-C ends it, and everything in it\n');
      if (!terminal.signal.aborted) await once(terminal.signal, 'abort');
      return EXIT.done;
    } finally {
      await aws.close();
    }
  },
};

type LocalAws = Awaited<ReturnType<typeof createLocalAws>>;

async function deployInto(aws: LocalAws, values: CommandValues, terminal: Terminal): Promise<void> {
  const assembly = values.required('assembly');
  if (values.text('assembly') === 'cdk.out' && !existsSync(path.join(assembly, 'manifest.json'))) {
    terminal.err("there is no cdk.out here, so nothing is created: 'cdk synth' makes one\n");
    return;
  }
  const deployment = await deployAssembly({
    assembly,
    aws: aws.clientConfig,
    account: aws.accountId,
    ...selectionOf(values),
    onProgress: tellProgress(terminal),
    signal: terminal.signal,
  });
  reportDeployment(deployment, aws.endpoint, { values, terminal });
}

function portOf(values: CommandValues): number {
  const text = values.required('port');
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new MillraceError('INVALID_OPTIONS', `--port must be a whole number from 0 to 65535, got '${text}'`);
}
