import fc from 'fast-check';
import { canonicalText, parseSnsMessage, type SnsMessage } from '../../../lib/core/webhook/sns-message.js';

const SIGNATURE = {
  SignatureVersion: '1',
  Signature: 'EXAMPLE+/w==',
  SigningCertURL:
    'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem',
};
const NOTIFICATION = {
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: 'arn:aws:sns:us-west-2:123456789012:MyTopic',
  Message: 'Hello world!',
  Timestamp: '2012-05-02T00:54:06.655Z',
  ...SIGNATURE,
};
const CONFIRMATION = {
  ...NOTIFICATION,
  Token: '2336412f37',
  SubscribeURL: 'https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37',
};

function parsed(members: unknown): SnsMessage {
  const result = parseSnsMessage(JSON.stringify(members));
  if (result.kind === 'invalid') throw new Error(result.reason);
  return result.message;
}

describe('the signed text', () => {
  it('of a notification without a subject is six pairs of lines', () => {
    expect(canonicalText(parsed(NOTIFICATION))).toBe(
      'Message\nHello world!\nMessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\nTimestamp\n2012-05-02T00:54:06.655Z\nTopicArn\narn:aws:sns:us-west-2:123456789012:MyTopic\nType\nNotification\n',
    );
  });

  it('of a notification with a subject has it between MessageId and Timestamp', () => {
    expect(canonicalText(parsed({ ...NOTIFICATION, Subject: 'My First Message' }))).toContain(
      'MessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\nSubject\nMy First Message\nTimestamp\n',
    );
  });

  it.each(['SubscriptionConfirmation', 'UnsubscribeConfirmation'])(
    'of a %s has Token and SubscribeURL',
    (Type) => {
      expect(canonicalText(parsed({ ...CONFIRMATION, Type }))).toBe(
        `Message\nHello world!\nMessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\nSubscribeURL\n${CONFIRMATION.SubscribeURL}\nTimestamp\n2012-05-02T00:54:06.655Z\nToken\n2336412f37\nTopicArn\narn:aws:sns:us-west-2:123456789012:MyTopic\nType\n${Type}\n`,
      );
    },
  );

  it('belongs to one message only: dealt out to members in any other way, it is no message', () => {
    // Made of the very lines the signed text is made of: the best chance to confuse two members.
    const line = fc.constantFrom(
      'MessageId',
      'Subject',
      'Timestamp',
      'TopicArn',
      'x',
      NOTIFICATION.Timestamp,
    );
    const Message = fc.array(line, { minLength: 1, maxLength: 8 }).map((lines) => lines.join('\n'));
    const subject = fc.option(fc.constantFrom('x', 'Subject', 'Timestamp'), { nil: null });
    fc.assert(
      fc.property(Message, subject, (text, Subject) => {
        const signedText = canonicalText(parsed({ ...NOTIFICATION, Message: text, Subject }));
        const readable = waysToDeal(signedText).filter(
          (members) => parseSnsMessage(JSON.stringify({ ...members, ...SIGNATURE })).kind === 'message',
        );
        expect(readable).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});

/** Every way to cut a signed text into members so that signing them gives the same text again. */
function waysToDeal(text: string): Record<string, string>[] {
  const withSubject = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
  const without = withSubject.filter((name) => name !== 'Subject');
  return [withSubject, without].flatMap((names) => deal(`\n${text}`, names));
}

function deal(text: string, [name = '', ...rest]: readonly string[]): Record<string, string>[] {
  const label = `\n${name}\n`;
  if (!text.startsWith(label)) return [];
  const value = text.slice(label.length);
  const [next] = rest;
  if (next === undefined) return [{ [name]: value.slice(0, -1) }];
  const ways: Record<string, string>[] = [];
  for (let at = value.indexOf(`\n${next}\n`); at >= 0; at = value.indexOf(`\n${next}\n`, at + 1))
    ways.push(...deal(value.slice(at), rest).map((members) => ({ [name]: value.slice(0, at), ...members })));
  return ways;
}

describe('reading a message', () => {
  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseSnsMessage(text).kind).toBe('invalid');
      }),
    );
  });

  it('takes a subject of null for none', () => {
    expect(parsed({ ...NOTIFICATION, Subject: null })).not.toHaveProperty('subject');
  });

  it.each([
    ['Subject', 'two\nlines'],
    ['Subject', 'half \ud83d'],
    ['Message', 'half \ud83d'],
    ['MessageId', 'a\nb'],
    ['TopicArn', 'arn:aws:sns:us-west-2:123456789012:My\nTopic'],
    ['Timestamp', '2012-13-45T99:99:99.000Z'],
    ['Timestamp', 'yesterday'],
    ['SignatureVersion', '3'],
    ['Signature', 'not base64!'],
    ['Signature', ''],
  ])('rejects the %s %j', (member, value) => {
    expect(parseSnsMessage(JSON.stringify({ ...NOTIFICATION, [member]: value })).kind).toBe('invalid');
  });

  it.each(['Token', 'SubscribeURL'])('rejects a confirmation without %s', (member) => {
    const members = { ...CONFIRMATION, Type: 'SubscriptionConfirmation', [member]: undefined };
    expect(parseSnsMessage(JSON.stringify(members)).kind).toBe('invalid');
  });
});
