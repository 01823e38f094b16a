import type { ApiFault, ApiResult } from '../engine.js';
import { fault, output } from './answers.js';
import { readArn } from './arn.js';
import { pageOf } from './paging.js';
import { PLATFORMS, type PlatformApplication } from './platforms.js';
import type { SnsCall } from './call.js';
import { snsRefusals } from './refusals.js';

const NAME = /^[A-Za-z0-9_.-]{1,256}$/;
const PAGE = 100;

/** Attributes that can be set; the first two are secrets and never given back. */
const SECRETS = ['PlatformCredential', 'PlatformPrincipal'] as const;
const KNOWN: ReadonlySet<string> = new Set([
  ...SECRETS,
  'ApplePlatformBundleID',
  'ApplePlatformTeamID',
  'EventDeliveryFailure',
  'EventEndpointCreated',
  'EventEndpointDeleted',
  'EventEndpointUpdated',
  'FailureFeedbackRoleArn',
  'SuccessFeedbackRoleArn',
  'SuccessFeedbackSampleRate',
]);
/** Platforms that know their callers by a key alone. */
const WITHOUT_PRINCIPAL: ReadonlySet<string> = new Set(['GCM', 'MPNS']);

/**
 * `CreatePlatformApplication`: a second call with the same name and platform answers with the application there is.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html
 */
export function createPlatformApplication({ account, input }: SnsCall): ApiResult {
  const name = input.string('Name');
  const platform = input.string('Platform');
  const attributes = input.stringMap('Attributes');
  if (input.fault !== undefined) return fault(input.fault);
  if (!NAME.test(name))
    return fault(snsRefusals.invalidMember('Name', 'must be 1 to 256 of A-Z, a-z, 0-9, _, - and .'));
  if (!PLATFORMS.some((known) => known === platform))
    return fault(snsRefusals.invalidMember('Platform', `must be one of ${PLATFORMS.join(', ')}`));
  const refusal = refuseAttributes(attributes) ?? refuseMissing(platform, attributes);
  if (refusal !== undefined) return fault(refusal);
  const arn = account.arnOf(`app/${platform}/${name}`);
  if (account.platforms.application(arn) === undefined)
    account.platforms.addApplication({
      arn,
      platform,
      attributes: new Map(Object.entries(attributes)),
      endpoints: new Map(),
    });
  return output({ PlatformApplicationArn: arn });
}

function refuseAttributes(attributes: Readonly<Record<string, string>>): ApiFault | undefined {
  const unknown = Object.keys(attributes).find((name) => !KNOWN.has(name));
  return unknown === undefined
    ? undefined
    : snsRefusals.invalidMember('Attributes', `Invalid attribute name: ${unknown}`);
}

function refuseMissing(platform: string, attributes: Readonly<Record<string, string>>): ApiFault | undefined {
  const needed = WITHOUT_PRINCIPAL.has(platform) ? SECRETS.slice(0, 1) : SECRETS;
  const missing = needed.find((name) => (attributes[name] ?? '') === '');
  return missing === undefined
    ? undefined
    : snsRefusals.invalidMember('Attributes', `Missing required attribute: ${missing}`);
}

/** `DeletePlatformApplication`, with its endpoints; one that is not there is fine. */
export function deletePlatformApplication({ account, input }: SnsCall): ApiResult {
  const arn = readArn(input, 'PlatformApplicationArn');
  if (input.fault !== undefined) return fault(input.fault);
  account.platforms.deleteApplication(arn);
  return output();
}

/** `GetPlatformApplicationAttributes`: what was set, but for credentials. */
export function getPlatformApplicationAttributes({ account, input }: SnsCall): ApiResult {
  const application = account.platforms.application(readArn(input, 'PlatformApplicationArn'));
  if (input.fault !== undefined) return fault(input.fault);
  if (application === undefined) return fault(snsRefusals.notFound('PlatformApplication'));
  return output({ Attributes: shownAttributes(application) });
}

/** `SetPlatformApplicationAttributes`. */
export function setPlatformApplicationAttributes({ account, input }: SnsCall): ApiResult {
  const application = account.platforms.application(readArn(input, 'PlatformApplicationArn'));
  const attributes = input.stringMap('Attributes');
  if (input.fault !== undefined) return fault(input.fault);
  if (application === undefined) return fault(snsRefusals.notFound('PlatformApplication'));
  const refusal = refuseAttributes(attributes);
  if (refusal !== undefined) return fault(refusal);
  for (const [name, value] of Object.entries(attributes)) application.attributes.set(name, value);
  return output();
}

/** `ListPlatformApplications`, 100 a page. */
export function listPlatformApplications({ account, input }: SnsCall): ApiResult {
  const token = input.optionalString('NextToken');
  if (input.fault !== undefined) return fault(input.fault);
  const page = pageOf(account.platforms.applications(), token, PAGE);
  if (page === undefined) return fault(snsRefusals.invalidParameter('NextToken'));
  const applications = page.items.map((one) => ({
    PlatformApplicationArn: one.arn,
    Attributes: shownAttributes(one),
  }));
  return output({ PlatformApplications: applications, ...page.next });
}

const shownAttributes = ({ attributes }: PlatformApplication): Readonly<Record<string, string>> => ({
  Enabled: 'true',
  ...Object.fromEntries([...attributes].filter(([name]) => !SECRETS.some((secret) => secret === name))),
});
