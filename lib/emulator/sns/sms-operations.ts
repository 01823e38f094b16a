import type { ApiResult } from '../engine.js';
import { fault, output } from './answers.js';
import { pageOf } from './paging.js';
import type { SnsCall } from './call.js';
import { snsRefusals } from './refusals.js';

/** Telephone numbers as E.164 writes them. */
const PHONE_NUMBER = /^\+[1-9]\d{4,14}$/;
const PAGE = 100;

const KNOWN: ReadonlySet<string> = new Set([
  'DefaultSenderID',
  'DefaultSMSType',
  'DeliveryStatusIAMRole',
  'DeliveryStatusSuccessSamplingRate',
  'MonthlySpendLimit',
  'UsageReportS3Bucket',
]);

/** Whether a text is a telephone number that an SMS can be sent to. */
export const isPhoneNumber = (text: string): boolean => PHONE_NUMBER.test(text);

/** Reads a telephone number, and refuses what is none. */
export function readPhoneNumber(input: SnsCall['input'], member: string): string {
  const phoneNumber = input.string(member);
  if (!isPhoneNumber(phoneNumber))
    input.refuse(
      snsRefusals.invalidMember(
        member,
        `${phoneNumber} is not valid: write it as E.164 does, as in +15550100`,
      ),
    );
  return phoneNumber;
}

/** `CheckIfPhoneNumberIsOptedOut`. */
export function checkIfPhoneNumberIsOptedOut({ account, input }: SnsCall): ApiResult {
  const phoneNumber = readPhoneNumber(input, 'phoneNumber');
  if (input.fault !== undefined) return fault(input.fault);
  return output({ isOptedOut: account.platforms.isOptedOut(phoneNumber) });
}

/** `ListPhoneNumbersOptedOut`, 100 a page. */
export function listPhoneNumbersOptedOut({ account, input }: SnsCall): ApiResult {
  const token = input.optionalString('nextToken');
  if (input.fault !== undefined) return fault(input.fault);
  const page = pageOf(account.platforms.optedOut(), token, PAGE);
  if (page === undefined) return fault(snsRefusals.invalidParameter('nextToken'));
  const { NextToken } = page.next;
  return output({ phoneNumbers: page.items, ...(NextToken === undefined ? {} : { nextToken: NextToken }) });
}

/** `OptInPhoneNumber`; a number that is in already is fine. */
export function optInPhoneNumber({ account, input }: SnsCall): ApiResult {
  const phoneNumber = readPhoneNumber(input, 'phoneNumber');
  if (input.fault !== undefined) return fault(input.fault);
  account.platforms.optIn(phoneNumber);
  return output();
}

/** `SetSMSAttributes`. */
export function setSmsAttributes({ account, input }: SnsCall): ApiResult {
  const attributes = input.stringMap('attributes');
  if (input.fault !== undefined) return fault(input.fault);
  const unknown = Object.keys(attributes).find((name) => !KNOWN.has(name));
  if (unknown !== undefined)
    return fault(snsRefusals.invalidParameter(`${unknown} is not a valid attribute`));
  const type = attributes['DefaultSMSType'];
  if (type !== undefined && type !== 'Promotional' && type !== 'Transactional')
    return fault(snsRefusals.invalidMember('DefaultSMSType', 'must be Promotional or Transactional'));
  for (const [name, value] of Object.entries(attributes)) account.platforms.smsAttributes.set(name, value);
  return output();
}

/** `GetSMSAttributes`: those asked for, or all that were set. */
export function getSmsAttributes({ account, input }: SnsCall): ApiResult {
  const names = input.strings('attributes');
  if (input.fault !== undefined) return fault(input.fault);
  const all = [...account.platforms.smsAttributes];
  const wanted = names.length === 0 ? all : all.filter(([name]) => names.includes(name));
  return output({ attributes: Object.fromEntries(wanted) });
}
