import { arnOf } from '../sqs/setup.js';
import { allowTopic, setupSns, type Sns } from './setup.js';

const APP = 'arn:aws:sns:eu-west-1:000000000000:app/GCM/shop';

/** An app, and one device that has it. */
function setup(): { readonly sns: Sns; readonly endpoint: string } {
  const sns = setupSns();
  const created = sns.call('CreatePlatformApplication', {
    Name: 'shop',
    Platform: 'GCM',
    Attributes: { PlatformCredential: 'secret' },
  });
  expect(created).toEqual({ PlatformApplicationArn: APP });
  return { sns, endpoint: register(sns, 'device-1') };
}

const register = (sns: Sns, Token: string, more = {}): string =>
  sns.call('CreatePlatformEndpoint', { PlatformApplicationArn: APP, Token, ...more })[
    'EndpointArn'
  ] as string;

const endpointAttributes = (sns: Sns, EndpointArn: string): unknown =>
  sns.call('GetEndpointAttributes', { EndpointArn })['Attributes'];

describe('platform applications', () => {
  it('are listed without their credentials', () => {
    const { sns } = setup();
    expect(sns.call('ListPlatformApplications', {})).toEqual({
      PlatformApplications: [{ PlatformApplicationArn: APP, Attributes: { Enabled: 'true' } }],
    });
  });

  it('keep attributes that are set later', () => {
    const { sns } = setup();
    sns.call('SetPlatformApplicationAttributes', {
      PlatformApplicationArn: APP,
      Attributes: { SuccessFeedbackSampleRate: '10', PlatformCredential: 'newer' },
    });
    expect(sns.call('GetPlatformApplicationAttributes', { PlatformApplicationArn: APP })).toEqual({
      Attributes: { Enabled: 'true', SuccessFeedbackSampleRate: '10' },
    });
  });

  it('go with all their endpoints', () => {
    const { sns, endpoint } = setup();
    sns.call('DeletePlatformApplication', { PlatformApplicationArn: APP });
    expect(sns.refused('GetEndpointAttributes', { EndpointArn: endpoint }).code).toBe('NotFoundException');
    expect(sns.refused('CreatePlatformEndpoint', { PlatformApplicationArn: APP, Token: 't' }).code).toBe(
      'NotFoundException',
    );
    expect(sns.call('DeletePlatformApplication', { PlatformApplicationArn: APP })).toEqual({});
  });

  it.each([
    [{ Name: 'a b' }, 'Name'],
    [{ Platform: 'FCM' }, 'Platform'],
    [{ Attributes: {} }, 'PlatformCredential'],
    [{ Platform: 'APNS' }, 'PlatformPrincipal'],
    [{ Attributes: { PlatformCredential: 'x', Colour: 'red' } }, 'Colour'],
  ])('rejects %j', (more, named) => {
    const { sns } = setup();
    const input = { Name: 'a', Platform: 'GCM', Attributes: { PlatformCredential: 'x' }, ...more };
    const { queryCode, message } = sns.refused('CreatePlatformApplication', input);
    expect([queryCode, message]).toEqual(['InvalidParameter', expect.stringContaining(named)]);
  });
});

describe('platform endpoints', () => {
  it('are one for the same token and attributes, and refused for other ones', () => {
    const { sns, endpoint } = setup();
    expect(register(sns, 'device-1')).toBe(endpoint);
    const input = { PlatformApplicationArn: APP, Token: 'device-1', CustomUserData: 'Ann' };
    expect(sns.refused('CreatePlatformEndpoint', input).message).toBe(
      `Invalid parameter: Token Reason: Endpoint ${endpoint} already exists with the same Token, but different attributes.`,
    );
  });

  it('are listed and changed', () => {
    const { sns, endpoint } = setup();
    const other = register(sns, 'device-2', { CustomUserData: 'Ann' });
    sns.call('SetEndpointAttributes', {
      EndpointArn: endpoint,
      Attributes: { Token: 'new', Enabled: 'False' },
    });
    expect(sns.call('ListEndpointsByPlatformApplication', { PlatformApplicationArn: APP })).toEqual({
      Endpoints: [
        { EndpointArn: endpoint, Attributes: { Enabled: 'false', Token: 'new' } },
        { EndpointArn: other, Attributes: { Enabled: 'true', Token: 'device-2', CustomUserData: 'Ann' } },
      ],
    });
    expect(endpointAttributes(sns, endpoint)).toEqual({ Enabled: 'false', Token: 'new' });
  });

  it('are deleted once and any number of times', () => {
    const { sns, endpoint } = setup();
    for (let time = 0; time < 2; time += 1)
      expect(sns.call('DeleteEndpoint', { EndpointArn: endpoint })).toEqual({});
    expect(sns.refused('SetEndpointAttributes', { EndpointArn: endpoint, Attributes: {} }).code).toBe(
      'NotFoundException',
    );
    expect(sns.call('ListEndpointsByPlatformApplication', { PlatformApplicationArn: APP })).toEqual({
      Endpoints: [],
    });
  });

  it.each([
    [{ Token: '' }, 'Token'],
    [{ CustomUserData: 'x'.repeat(2_049) }, 'CustomUserData'],
    [{ Attributes: { Enabled: 'maybe' } }, 'Enabled'],
    [{ Attributes: { Colour: 'red' } }, 'Colour'],
  ])('rejects %#: what is wrong with it', (more, named) => {
    const { sns } = setup();
    const input = { PlatformApplicationArn: APP, Token: 't', ...more };
    expect(sns.refused('CreatePlatformEndpoint', input).message).toContain(named);
  });
});

describe('push notifications', () => {
  const texts = JSON.stringify({ default: 'for all', GCM: '{"notification":{}}', APNS: 'for others' });

  it('have the text of their platform', () => {
    const { sns, endpoint } = setup();
    sns.call('Publish', { TargetArn: endpoint, Message: texts, MessageStructure: 'json' });
    sns.call('Publish', { TargetArn: endpoint, Message: 'plain', Subject: 'hi' });
    expect(sns.engine.outbox()).toEqual([
      {
        protocol: 'application',
        endpoint,
        kind: 'notification',
        subject: undefined,
        text: '{"notification":{}}',
        token: undefined,
        push: { platform: 'GCM', deviceToken: 'device-1' },
        at: sns.sqs.now,
      },
      expect.objectContaining({ text: 'plain', subject: 'hi' }),
    ]);
  });

  it('go out for messages of a topic the endpoint is subscribed to', () => {
    const { sns, endpoint } = setup();
    const topic = sns.createTopic('events');
    sns.call('Subscribe', { TopicArn: topic, Protocol: 'application', Endpoint: endpoint });
    sns.call('Publish', { TopicArn: topic, Message: texts, MessageStructure: 'json' });
    expect(sns.engine.outbox()).toMatchObject([{ endpoint, text: '{"notification":{}}' }]);
  });

  it.each(['disabled', 'missing'])(
    'of a topic go to the dead-letter queue when the endpoint is %s',
    (state) => {
      const { sns, endpoint } = setup();
      const topic = sns.createTopic('events');
      const dead = sns.sqs.create('dead', { Policy: allowTopic('dead', topic) });
      sns.call('Subscribe', {
        TopicArn: topic,
        Protocol: 'application',
        Endpoint: endpoint,
        Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead') }) },
      });
      if (state === 'missing') sns.call('DeleteEndpoint', { EndpointArn: endpoint });
      else sns.call('SetEndpointAttributes', { EndpointArn: endpoint, Attributes: { Enabled: 'false' } });
      sns.call('Publish', { TopicArn: topic, Message: 'm' });
      expect(sns.engine.outbox()).toEqual([]);
      expect(sns.sqs.bodies(dead)).toHaveLength(1);
      expect(sns.engine.lostDeliveries()).toMatchObject([
        { reason: `platform endpoint ${endpoint} is ${state}` },
      ]);
    },
  );

  it('are refused for endpoints that are disabled or not there', () => {
    const { sns, endpoint } = setup();
    sns.call('SetEndpointAttributes', { EndpointArn: endpoint, Attributes: { Enabled: 'false' } });
    expect(sns.refused('Publish', { TargetArn: endpoint, Message: 'm' }).queryCode).toBe('EndpointDisabled');
    sns.call('DeleteEndpoint', { EndpointArn: endpoint });
    expect(sns.refused('Publish', { TargetArn: endpoint, Message: 'm' })).toMatchObject({
      queryCode: 'InvalidParameter',
      message: 'Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified',
    });
  });
});

describe('SMS', () => {
  const NUMBER = '+15550100';

  it('are recorded for single numbers', () => {
    const sns = setupSns();
    expect(sns.call('Publish', { PhoneNumber: NUMBER, Message: 'hello' })['MessageId']).toEqual(
      expect.any(String),
    );
    expect(sns.engine.outbox()).toMatchObject([{ protocol: 'sms', endpoint: NUMBER, text: 'hello' }]);
  });

  it.each([
    [{ PhoneNumber: '0555', Message: 'm' }, 'PhoneNumber'],
    [{ PhoneNumber: NUMBER, Message: '' }, 'Empty message'],
    [{ PhoneNumber: NUMBER, Message: 'x'.repeat(1_601) }, 'Message too long'],
    [{ PhoneNumber: NUMBER, Message: '{}', MessageStructure: 'json' }, 'default'],
    [{ PhoneNumber: NUMBER, TopicArn: arnOf('t'), Message: 'm' }, 'only one'],
  ])('are rejected: %#', (input, named) => {
    const sns = setupSns();
    expect(sns.refused('Publish', input).message).toContain(named);
    expect(sns.engine.outbox()).toEqual([]);
  });

  it('go to nobody who opted out, until they opt in', () => {
    const sns = setupSns();
    const topic = sns.createTopic('events');
    sns.call('Subscribe', { TopicArn: topic, Protocol: 'sms', Endpoint: NUMBER });
    sns.engine.setOptedOut([NUMBER]);
    const publishBoth = (): void => {
      sns.call('Publish', { PhoneNumber: NUMBER, Message: 'direct' });
      sns.call('Publish', { TopicArn: topic, Message: 'by topic' });
    };
    publishBoth();
    expect(sns.engine.outbox()).toEqual([]);
    expect(sns.engine.lostDeliveries()).toMatchObject([{ reason: `phone number ${NUMBER} has opted out` }]);
    expect(sns.call('CheckIfPhoneNumberIsOptedOut', { phoneNumber: NUMBER })).toEqual({ isOptedOut: true });
    expect(sns.call('ListPhoneNumbersOptedOut', {})).toEqual({ phoneNumbers: [NUMBER] });
    sns.call('OptInPhoneNumber', { phoneNumber: NUMBER });
    expect(sns.call('CheckIfPhoneNumberIsOptedOut', { phoneNumber: NUMBER })).toEqual({ isOptedOut: false });
    publishBoth();
    expect(sns.engine.outbox()).toMatchObject([{ text: 'direct' }, { text: 'by topic' }]);
  });

  it('lists opted-out numbers a hundred at a time', () => {
    const sns = setupSns();
    const numbers = Array.from({ length: 101 }, (_, at) => `+1555${String(at).padStart(4, '0')}`);
    sns.engine.setOptedOut(numbers);
    const { phoneNumbers, nextToken } = sns.call('ListPhoneNumbersOptedOut', {});
    expect(phoneNumbers).toEqual(numbers.slice(0, 100));
    expect(sns.call('ListPhoneNumbersOptedOut', { nextToken })).toEqual({ phoneNumbers: numbers.slice(100) });
  });

  it('have attributes that are given back, all or some', () => {
    const sns = setupSns();
    sns.call('SetSMSAttributes', {
      attributes: { DefaultSMSType: 'Transactional', DefaultSenderID: 'shop' },
    });
    expect(sns.call('GetSMSAttributes', {})).toEqual({
      attributes: { DefaultSMSType: 'Transactional', DefaultSenderID: 'shop' },
    });
    expect(sns.call('GetSMSAttributes', { attributes: ['DefaultSenderID'] })).toEqual({
      attributes: { DefaultSenderID: 'shop' },
    });
  });

  it.each([{ Colour: 'red' }, { DefaultSMSType: 'Urgent' }])('rejects the attributes %j', (attributes) => {
    expect(setupSns().refused('SetSMSAttributes', { attributes }).queryCode).toBe('InvalidParameter');
  });
});
