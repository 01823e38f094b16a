import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FanOutStack } from '../../examples/fan-out/stack.js';
import { CompiledProgram } from '../../bench/synth/compiled.js';
import { PlainFanOutStack } from '../../bench/synth/plain-fan-out.js';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

type Resources = Readonly<Record<string, Resource>>;

/** What may differ: words, and where workers find what they work on. */
const FREE = ['AlarmDescription', 'Environment', 'PolicyName', 'Sid'];

function resourcesOf(StackClass: new (app: App, id: string) => Stack): readonly string[] {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  const { Resources: resources } = Template.fromStack(new StackClass(app, 'fan-out')).toJSON() as {
    readonly Resources: Resources;
  };
  return Object.values(resources)
    .map((resource) => JSON.stringify(comparable(resource, resources)))
    .sort();
}

/** Without what may differ; a logical id becomes the type it stands for, and order is none. */
function comparable(value: unknown, resources: Resources): unknown {
  if (typeof value === 'string') return resources[value]?.Type ?? value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((item) => comparable(item, resources)).sort((a, b) => order(a).localeCompare(order(b)));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => !FREE.includes(name) && !isEmpty(item))
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, item]) => [name, comparable(item, resources)]),
  );
}

const order = (value: unknown): string => JSON.stringify(value);
const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

describe('the twin that a synth is measured against', () => {
  it('makes the resources of the example with the same properties', () => {
    expect(resourcesOf(PlainFanOutStack)).toEqual(resourcesOf(FanOutStack));
  });

  it.each(['cjs', 'esm'] as const)('is synthesised in a process of its own, as %s', async (format) => {
    const program = await CompiledProgram.create(format);
    const spent = await program.run<{ readonly wallMs: number; readonly cpuMs: number }>(
      'fresh',
      'plain',
      'bare',
    );
    expect([spent.wallMs > 0, spent.cpuMs > 0]).toEqual([true, true]);
  });
});
