import { readBinding } from 'millrace/contract';
import {
  createLocalAws,
  deployAssembly,
  drawTopology,
  readTopology,
  type Deployment,
  type LocalAws,
} from 'millrace/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClients, destroyClients, type Clients } from './clients.js';
import {
  isCaughtUp,
  judgeOtherQueues,
  judgeQueues,
  judgeReaders,
  type Evidence,
  type FlightPlan,
} from './ledger/evidence.js';
import type { DemoOptions } from './options.js';
import { Phases } from './phases.js';
import type { Progress } from './progress.js';
import { buildReport } from './report/build.js';
import { CallMeter } from './report/call-meter.js';
import { writeReportFolder } from './report/folder.js';
import type { DemoReport, Incident } from './report/model.js';
import { renderPage } from './report/page.js';
import { planFlights } from './run/flight-plan.js';
import { runFlights, type FlightsOutcome } from './run/flights-run.js';
import { below, seededRandom } from './run/random.js';
import { synthesize } from './run/synthesize.js';
import { planWebhooks, QUEUES, type WebhookPlan } from './run/webhook-plan.js';
import { runWebhooks, type WebhooksOutcome } from './run/webhooks-run.js';

/** A kill follows its mark within this time, so that it falls anywhere in the work. */
const KILL_DELAY_MS = 150;

/** What every step of the run has at hand. */
interface Stage {
  readonly options: DemoOptions;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly phases: Phases;
  readonly incidents: Incident[];
  /** For the archive and the cloud assembly; gone in the end. */
  readonly workspace: string;
  readonly aws: LocalAws;
  readonly clients: Clients;
}

/** Runs it all and writes the report folder. Whatever happens, everything that was started is ended. */
export async function runDemo(
  options: DemoOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ readonly report: DemoReport; readonly page: string }> {
  const phases = new Phases();
  const workspace = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  try {
    const aws = await phases.measure('start the embedded AWS', () => createLocalAws({ port: options.port }));
    const clients = createClients(aws.clientConfig);
    progress.say(`embedded AWS at ${aws.endpoint}, seed ${options.seed}`);
    try {
      return await perform({ options, progress, signal, phases, incidents: [], workspace, aws, clients });
    } finally {
      destroyClients(clients);
      await aws.close();
    }
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

async function perform(stage: Stage): Promise<{ report: DemoReport; page: string }> {
  const { options, progress, phases, workspace } = stage;
  const startedAt = new Date().toISOString();
  const random = seededRandom(options.seed);
  const webhookPlan = planWebhooks(random);
  const assembly = join(workspace, 'cdk.out');
  progress.say('synthesizing the app of cdk.json');
  const flightPlan = await planFlights(options.records);
  await phases.measure('cdk synth', () => synthesize(assembly)); // alone: a failure beside it would leave it running
  const deployment = await phases.measure('create what the templates say', () => deploy(stage, assembly));
  const evidence = collectEvidence(stage, deployment);

  const meter = new CallMeter(stage.aws);
  progress.say(
    `publishing ${webhookPlan.publishes.length} webhooks to two topics, ${webhookPlan.repeated} of them repeated, and ${webhookPlan.poison.length} poison messages`,
  );
  const webhooks = await phases.measure('webhooks', () =>
    playWebhooks(stage, { plan: webhookPlan, deployment, random }),
  );
  const webhookCalls = meter.lap();
  progress.say(`producing ${options.records.toLocaleString('en-US')} flights of ${flightPlan.size} airports`);
  const flights = await phases.measure('flights', () =>
    playFlights(stage, { plan: flightPlan, deployment, evidence, random }),
  );
  const flightCalls = meter.lap();

  progress.say('holding the effects against what was published');
  const [queues, readers, otherFaults] = await phases.measure('ledger', () =>
    Promise.all([
      judgeQueues(evidence, webhookPlan),
      judgeReaders(evidence, flightPlan),
      judgeOtherQueues(evidence),
    ]),
  );
  const report = buildReport({
    ...{ options, startedAt, seconds: progress.seconds, phases: phases.all, incidents: stage.incidents },
    ...{ webhookPlan, webhooks, webhookCalls, flights, flightCalls, deployment },
    verdicts: { queues, readers, otherFaults: [...webhooks.faults, ...flights.faults, ...otherFaults] },
  });
  const topology = drawTopology(readTopology(assembly));
  await writeReportFolder(options.out, {
    'index.html': renderPage(report, topology),
    'topology.svg': topology,
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
  });
  return { report, page: join(options.out, 'index.html') };
}

async function deploy({ aws, progress, signal }: Stage, assembly: string): Promise<Deployment> {
  const deployment = await deployAssembly({ assembly, aws: aws.clientConfig, signal });
  const left = new Set(deployment.notCreated.map(({ type }) => type));
  progress.say(
    `created ${deployment.resources.length} resources of ${deployment.stacks.length} stacks; not created here: ${[...left].join(', ') || 'nothing'}`,
  );
  return deployment;
}

function playWebhooks(
  stage: Stage,
  { plan, deployment, random }: { plan: WebhookPlan; deployment: Deployment; random: () => number },
): Promise<WebhooksOutcome> {
  const queue = below(2, random) === 0 ? 'Audit' : 'Triage';
  const due = [...plan.expected[queue].values()].flat().length;
  return runWebhooks({
    plan,
    target: { environment: deployment.environment, client: stage.clients.sns },
    sqs: stage.clients.sqs,
    environment: {
      ...deployment.environment,
      EFFECTS_TABLE: outputOf(deployment, 'github-webhooks', 'EffectsTable'),
    },
    kill: {
      queue,
      afterHandled: Math.ceil(due * (0.2 + random() * 0.4)),
      delayMs: below(KILL_DELAY_MS, random),
    },
    signal: stage.signal,
    ...telling(stage),
  });
}

function playFlights(
  stage: Stage,
  given: { plan: FlightPlan; deployment: Deployment; evidence: Evidence; random: () => number },
): Promise<FlightsOutcome> {
  const { plan, deployment, evidence, random } = given;
  return runFlights({
    records: stage.options.records,
    streamName: readBinding('stream', 'Flights', deployment.environment).streamName,
    kinesis: stage.clients.kinesis,
    environment: {
      ...deployment.environment,
      AIRPORTS_TABLE: outputOf(deployment, 'flights', 'AirportsTable'),
      ARCHIVE_FOLDER: evidence.archiveFolder,
    },
    kill: {
      reader: below(2, random) === 0 ? 'delays' : 'archive',
      atShare: 0.25 + random() * 0.4,
      delayMs: below(KILL_DELAY_MS, random),
    },
    isCaughtUp: () => isCaughtUp(evidence, plan),
    signal: stage.signal,
    ...telling(stage),
  });
}

function telling({ progress, incidents }: Stage) {
  return {
    onIncident: (what: string): void => {
      incidents.push({ at: progress.seconds, what });
      progress.say(what);
    },
    onProgress: (name: string, value: number): void => progress.show(name, value),
  };
}

function collectEvidence({ clients, workspace }: Stage, deployment: Deployment): Evidence {
  const bindings = QUEUES.map((queue) => readBinding('queue', queue, deployment.environment));
  const known = new Set(bindings.flatMap(({ url, deadLetterQueue }) => [url, deadLetterQueue.url]));
  const [Builds = '', Triage = '', Audit = ''] = bindings.map(({ deadLetterQueue }) => deadLetterQueue.url);
  return {
    sqs: clients.sqs,
    dynamodb: clients.dynamodb,
    effectsTable: outputOf(deployment, 'github-webhooks', 'EffectsTable'),
    airportsTable: outputOf(deployment, 'flights', 'AirportsTable'),
    archiveFolder: join(workspace, 'archive'),
    deadLetterQueues: { Builds, Triage, Audit },
    otherQueues: deployment.resources
      .filter(({ type, physicalId }) => type === 'AWS::SQS::Queue' && !known.has(physicalId))
      .map(({ logicalId, physicalId }) => ({ name: logicalId, url: physicalId })),
  };
}

function outputOf(deployment: Deployment, stack: string, key: string): string {
  const value = deployment.outputs[stack]?.[key];
  if (value === undefined) throw new Error(`stack ${stack} has no output ${key}`);
  return value;
}
