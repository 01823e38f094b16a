import type { ApiResult } from '../engine.js';
import { readMessageAttributes } from '../structures/message-attributes.js';
import { fault, output } from './answers.js';
import type { DepartingMessage } from './departures.js';
import { readBodies } from './message-bodies.js';
import type { SnsCall } from './call.js';
import { snsRefusals } from './refusals.js';
import { readPhoneNumber } from './sms-operations.js';

/** Characters of an SMS in all its parts. */
const MAX_SMS_LENGTH = 1_600;
const MAX_PUSH_BYTES = 262_144;

type DirectMessage = DepartingMessage & { readonly kind: 'message' };

/**
 * `Publish` to one telephone. A number that opted out is answered like any other and gets nothing.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
 */
export function publishToPhone(call: SnsCall): ApiResult {
  const { account, input, now } = call;
  const phoneNumber = readPhoneNumber(input, 'PhoneNumber');
  const message = readDirectMessage(call);
  if (message.kind === 'fault') return message;
  const text = message.bodies['sms'] ?? message.body;
  if (text.length > MAX_SMS_LENGTH) return fault(snsRefusals.invalidParameter('Message too long'));
  if (!account.platforms.isOptedOut(phoneNumber)) account.departures.text(message, phoneNumber, now);
  return output({ MessageId: account.options.randomId() });
}

/**
 * `Publish` to an app on one device. The platform's own text goes before the `default` one.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html
 */
export function publishToEndpoint(call: SnsCall, arn: string): ApiResult {
  const { account, now } = call;
  const message = readDirectMessage(call);
  if (message.kind === 'fault') return message;
  const found = account.platforms.lookUp(arn);
  if (found.kind === 'missing')
    return fault(snsRefusals.invalidMember('TargetArn', 'No endpoint found for the target arn specified'));
  if (found.kind === 'disabled') return fault(snsRefusals.endpointDisabled());
  account.departures.push(message, found.endpoint, now);
  return output({ MessageId: account.options.randomId() });
}

function readDirectMessage({
  input,
}: SnsCall): DirectMessage | Extract<ApiResult, { readonly kind: 'fault' }> {
  const text = input.string('Message');
  const subject = input.optionalString('Subject');
  const bodies = readBodies(input, text);
  if (text === '') input.refuse(snsRefusals.invalidParameter('Empty message'));
  if (Buffer.byteLength(text) > MAX_PUSH_BYTES)
    input.refuse(snsRefusals.invalidParameter('Message too long'));
  const attributes = readMessageAttributes(input.map('MessageAttributes'));
  if (attributes.kind === 'refused') input.refuse(snsRefusals.invalidValue(attributes.reason));
  if (input.fault !== undefined) return { kind: 'fault', fault: input.fault };
  return { kind: 'message', subject, body: bodies['default'] ?? text, bodies };
}
