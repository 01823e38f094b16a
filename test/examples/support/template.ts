import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { createTemplateApp } from '../../../.config/example-pages.js';
import { MillraceChecks } from '../../../lib/cdk/index.js';
import {
  assetHashSerializer,
  createLocalAws,
  deployAssembly,
  drawTopology,
  readTopology,
  type Deployment,
  type LocalAws,
  type LocalAwsOptions,
} from '../../../lib/testing/index.js';

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
}

/** A template that was synthesized. */
export interface SynthesizedTemplate {
  readonly assembly: string;
  readonly stacks: readonly string[];
  /** By name of the stack. */
  readonly templates: Readonly<Record<string, Template>>;
  /** What the checks and the constructs said. */
  readonly said: string;
}

/** A template on an embedded AWS, with its bindings in the environment of this process. */
export interface RunningTemplate {
  readonly aws: LocalAws;
  readonly deployment: Deployment;
  /** An output of the template's stacks, by its key. */
  output(name: string): string;
}

/** Types whose replacement loses messages, records or positions. */
const STATEFUL =
  /^AWS::(SQS::Queue|SNS::Topic|SNS::Subscription|Kinesis::Stream|DynamoDB::Table|S3::Bucket|SecretsManager::Secret)$/;

/** Declares what holds for every template, and returns how to get at the one synthesis that all its tests share. */
export function describeTemplate(name: string): {
  readonly synthesized: () => SynthesizedTemplate;
  readonly run: (options?: LocalAwsOptions) => Promise<RunningTemplate>;
} {
  let made: SynthesizedTemplate | undefined;
  const synthesized = (): SynthesizedTemplate => (made ??= synthesize(name));
  const environment = { ...process.env };
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    process.env = { ...environment };
  });
  afterAll(() => {
    if (made) rmSync(made.assembly, { recursive: true });
  });
  expect.addSnapshotSerializer(assetHashSerializer);

  describe(`the template ${name}`, () => {
    it('keeps the logical ids of everything that holds data: a new one is a replacement', () => {
      expect(statefulIds(synthesized())).toMatchSnapshot();
    });

    it('keeps its template', () => {
      expect(synthesized().templates).toMatchSnapshot();
    });

    it('leaves the checks at synth nothing to say', () => {
      expect(synthesized().said).toBe('');
    });

    it('is drawn as it is (npm run docs draws it anew)', () => {
      const drawing = readFileSync(`examples/${name}/topology.svg`, 'utf8');
      expect(drawing === drawTopology(readTopology(synthesized().assembly))).toBe(true);
    });
  });

  const run = async (options: LocalAwsOptions = {}): Promise<RunningTemplate> => {
    const aws = await createLocalAws({ transitionMs: 5, ...options });
    closers.push(() => aws.close());
    const deployment = await deployAssembly({ assembly: synthesized().assembly, aws: aws.clientConfig });
    Object.assign(process.env, deployment.environment);
    const outputs = Object.assign({}, ...Object.values(deployment.outputs)) as Readonly<
      Record<string, string>
    >;
    return { aws, deployment, output: (output) => outputs[output] ?? '' };
  };
  return { synthesized, run };
}

function synthesize(name: string): SynthesizedTemplate {
  const outdir = mkdtempSync(join(tmpdir(), `${name}-`));
  const app = createTemplateApp(name, outdir);
  Validations.of(app).addPlugins(new MillraceChecks());
  const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const { stacks } = app.synth();
  const said = [
    ...printed.mock.calls.flat().map(String),
    ...stacks.flatMap(({ messages }) => messages.map(({ entry }) => String(entry.data))),
  ].join('\n');
  printed.mockRestore();
  const templates = Object.fromEntries(stacks.map((stack) => [stack.stackName, stack.template as Template]));
  return { assembly: outdir, stacks: stacks.map(({ stackName }) => stackName), templates, said };
}

function statefulIds({ templates }: SynthesizedTemplate): readonly string[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([, { Type }]) => STATEFUL.test(Type))
      .map(([id]) => `${stack}/${id}`)
      .sort(),
  );
}
