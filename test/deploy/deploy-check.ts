import { readFile, rm } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binding } from '../../lib/contract/index.js';
import { bindingsIn } from '../../lib/local/bindings.js';
import { leaveOut, readRefusals, type LeftOut, type Refusal } from './assembly.js';
import { createCdkCli, environmentOf, type CdkCli, type CliResult } from './cdk-cli.js';
import type { CloudEngine } from './engine.js';
import { inventory } from './leftovers.js';
import { probeMessages } from './probe-messages.js';
import { probeStream } from './probe-stream.js';
import type { EngineConfig, ProbeResult } from './probe.js';

/** What was deployed, sent and destroyed. */
export interface DeployReport {
  readonly engine: string;
  readonly stacks: readonly string[];
  /** How many resources of each type the engine created. */
  readonly created: Readonly<Record<string, number>>;
  /** What the engine can't create, and was left out for it. */
  readonly leftOut: readonly LeftOut[];
  /** What was left out so that messages reach the probes' own workers. */
  readonly stoodInFor: readonly LeftOut[];
  readonly probes: readonly ProbeResult[];
  /** What `cdk destroy` left behind. */
  readonly kept: readonly string[];
  readonly seconds: Readonly<Record<'bootstrap' | 'deploy' | 'probe' | 'destroy', number>>;
}

/** A command of the CLI that failed, with all that it printed. */
export class CliFailure extends Error {
  constructor(command: string, { output }: CliResult) {
    super(`cdk ${command} failed:\n${output.trim().split('\n').slice(-25).join('\n')}`);
    this.name = 'CliFailure';
  }
}

/** Each round may reveal one more kind of resource that the engine refuses. */
const MAX_ROUNDS = 12;

/** With them, an engine that runs functions would hand these the messages that the probes' workers wait for. */
const COMPETITORS: readonly Refusal[] = [{ type: 'AWS::Lambda::EventSourceMapping' }];

interface CheckOptions {
  readonly engine: CloudEngine;
  /** Stacks to check; all of the app's when left out. */
  readonly only?: readonly string[];
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Bootstraps, deploys, sends through what was deployed, destroys, and reports. @throws {CliFailure} */
export async function checkDeployment(options: CheckOptions): Promise<DeployReport> {
  const { engine, say, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'millrace-deploy-'));
  const cli = createCdkCli(engine, signal);
  const aws: EngineConfig = {
    endpoint: engine.endpoint,
    region: engine.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  // The runtime finds the engine as it finds AWS: by the environment.
  Object.assign(process.env, environmentOf(engine));
  try {
    const assembly = join(folder, 'cdk.out');
    say('synthesizing the example apps');
    await must(cli, 'synth', '--quiet', '--output', assembly, '--context', 'example=all');
    const stoodInFor = await leaveOut(assembly, COMPETITORS);
    say(`bootstrapping account ${engine.account} on ${engine.name}`);
    const bootstrap = await must(cli, 'bootstrap', `aws://${engine.account}/${engine.region}`);
    const before = await inventory(aws);
    const deployed = await deployAll(cli, { ...options, assembly, folder });
    const probedAt = performance.now();
    const probes = await probeAll(deployed.bindings, { aws, say });
    const probeSeconds = (performance.now() - probedAt) / 1_000;
    say('destroying');
    const destroy = await must(cli, 'destroy', '--app', assembly, '--force', ...stackArguments(options.only));
    const kept = (await inventory(aws)).filter((name) => !before.includes(name));
    return {
      engine: engine.name,
      stacks: deployed.stacks,
      created: deployed.created,
      leftOut: deployed.leftOut,
      stoodInFor,
      probes,
      kept,
      seconds: {
        bootstrap: bootstrap.seconds,
        deploy: deployed.seconds,
        probe: probeSeconds,
        destroy: destroy.seconds,
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Deployed {
  readonly stacks: readonly string[];
  readonly bindings: readonly Binding[];
  readonly created: Readonly<Record<string, number>>;
  readonly leftOut: readonly LeftOut[];
  readonly seconds: number;
}

/** Deploys; what the engine refuses by its type is left out, and the deployment begun again. */
async function deployAll(
  cli: CdkCli,
  options: CheckOptions & { readonly assembly: string; readonly folder: string },
): Promise<Deployed> {
  const { assembly, folder, say } = options;
  const outputsFile = join(folder, 'outputs.json');
  const stackNames = stackArguments(options.only);
  const leftOut: LeftOut[] = [];
  for (let round = 1; ; round += 1) {
    say(`deploying ${stackNames.join(' ')}${round === 1 ? '' : `, round ${round}`}`);
    const command = [
      'deploy',
      '--app',
      assembly,
      '--require-approval',
      'never',
      '--outputs-file',
      outputsFile,
    ];
    const result = await cli.run(...command, ...stackNames);
    if (result.isDone) {
      const outputs = JSON.parse(await readFile(outputsFile, 'utf8')) as Record<
        string,
        Record<string, unknown>
      >;
      return {
        stacks: Object.keys(outputs),
        // Stack by stack: two of them may have a queue of the same name.
        bindings: Object.entries(outputs).flatMap(([stack, values]) =>
          Object.values(bindingsIn({ [stack]: values })),
        ),
        created: countCreated(result.output),
        leftOut,
        seconds: result.seconds,
      };
    }
    const refused = await leaveOut(assembly, readRefusals(result.output));
    if (refused.length === 0 || round === MAX_ROUNDS) throw new CliFailure('deploy', result);
    for (const { stack, logicalId, type } of refused)
      say(`the engine can't create ${type}: left out ${stack}/${logicalId}`);
    leftOut.push(...refused);
    await must(cli, 'destroy', '--app', assembly, '--force', ...stackNames);
  }
}

const stackArguments = (only: readonly string[] | undefined): readonly string[] => only ?? ['--all'];

/** The CLI prints each resource as it completes: `flights | 2/10 | … | CREATE_COMPLETE | AWS::SNS::Topic | …`. */
function countCreated(output: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [, type = ''] of output.matchAll(/CREATE_COMPLETE\s*\|\s*(AWS::\w+::\w+)/g)) {
    if (type !== 'AWS::CloudFormation::Stack') counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

async function probeAll(
  bindings: readonly Binding[],
  { aws, say }: { readonly aws: EngineConfig; readonly say: (line: string) => void },
): Promise<readonly ProbeResult[]> {
  const topics = bindings.filter((binding) => binding.kind === 'topic');
  const queues = bindings.filter((binding) => binding.kind === 'queue');
  const streams = bindings.filter((binding) => binding.kind === 'stream');
  const readers = bindings.filter((binding) => binding.kind === 'reader');
  const results = [...(await probeMessages({ topics, queues }, aws))];
  for (const reader of readers) {
    const stream = streams.find(({ arn }) => arn === reader.stream.arn);
    if (stream !== undefined) results.push(await probeStream(stream, reader));
  }
  for (const { way, isDone, said } of results) say(`${isDone ? 'ok' : 'FAILED'}: ${way}: ${said}`);
  return results;
}

async function must(cli: CdkCli, ...args: readonly string[]): Promise<CliResult> {
  const result = await cli.run(...args);
  if (!result.isDone) throw new CliFailure(args.join(' '), result);
  return result;
}
