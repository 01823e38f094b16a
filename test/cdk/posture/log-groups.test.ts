import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FanoutTopic, Postures, type Posture } from '../../../lib/cdk/index.js';
import { CommitSeen, createApp, evaluate, propertiesOf, resourcesOf } from '../declarations.js';

function setup(posture: Posture, keyOf?: (stack: Stack) => IKey): Stack {
  const stack = new Stack(createApp(), 'Shop');
  Postures.of(stack).use(posture);
  const encryptionKey = keyOf?.(stack);
  new FanoutTopic(stack, 'Events', {
    messages: [CommitSeen],
    deliveryLogging: true,
    alarmTopic: new Topic(stack, 'Pager'),
    ...(encryptionKey && { encryptionKey }),
  });
  return stack;
}

const groupOf = (stack: Stack): Readonly<Record<string, unknown>> =>
  propertiesOf(stack, 'AWS::Logs::LogGroup', 'EventsDeliveryLoggingFailures');

const keysOf = (stack: Stack): readonly string[] =>
  Object.entries(resourcesOf(stack))
    .filter(([, { Type }]) => Type === 'AWS::KMS::Key')
    .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));

const keysForLogs = (stack: Stack): readonly string[] =>
  keysOf(stack).filter((id) =>
    JSON.stringify(propertiesOf(stack, 'AWS::KMS::Key', id)).includes('kms:EncryptionContext:aws:logs:arn'),
  );

const nameOf = (value: unknown): string => evaluate(value).replace(/[0-9A-F]{8}/, '');

describe('log groups', () => {
  it('keep to the key of CloudWatch Logs under standard', () => {
    expect(groupOf(setup('standard'))).not.toHaveProperty('KmsKeyId');
  });

  it('take the key of the stack under cmk, which lets CloudWatch Logs use it for this account', () => {
    const stack = setup('cmk');
    expect(evaluate(groupOf(stack)['KmsKeyId'])).toMatch(/^<MillraceKey[0-9A-F]{8}\.Arn>$/);
    expect(keysForLogs(stack)).toEqual(['MillraceKey']);
  });

  it('take the key of what they tell of, and no other is made', () => {
    const stack = setup('cmk', (scope) => new Key(scope, 'Own'));
    expect(keysForLogs(stack)).toEqual(['Own']);
    expect(keysOf(stack)).toEqual(['Own']);
  });

  it('leave an imported key alone, whose policy they could not open', () => {
    const arn = 'arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555';
    expect(keysForLogs(setup('cmk', (scope) => Key.fromKeyArn(scope, 'Theirs', arn)))).toEqual([
      'MillraceKey',
    ]);
  });

  it('stay under regulated when their stack goes', () => {
    const groups = Template.fromStack(setup('regulated')).findResources('AWS::Logs::LogGroup');
    expect(Object.values(groups).map(({ DeletionPolicy }) => DeletionPolicy as unknown)).toEqual([
      'Retain',
      'Retain',
    ]);
  });
});

describe('the role that writes the delivery log', () => {
  it('may write to the two log groups and nothing else, by a policy that is its own resource', () => {
    const policy = propertiesOf(setup('regulated'), 'AWS::IAM::ManagedPolicy', 'EventsDeliveryLoggingPolicy');
    const { Statement: statements } = policy['PolicyDocument'] as {
      readonly Statement: readonly { readonly Resource: readonly unknown[] }[];
    };
    expect(statements.flatMap(({ Resource }) => Resource).map(nameOf)).toEqual([
      '<EventsDeliveryLoggingSuccesses.Arn>',
      '<EventsDeliveryLoggingFailures.Arn>',
    ]);
  });
});
