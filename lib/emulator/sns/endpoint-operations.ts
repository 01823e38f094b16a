import type { ApiFault, ApiResult } from '../engine.js';
import { fault, output } from './answers.js';
import { readArn } from './arn.js';
import { pageOf } from './paging.js';
import type { PlatformApplication, PlatformEndpoint } from './platforms.js';
import type { SnsCall } from './call.js';
import { snsRefusals } from './refusals.js';

const KNOWN: ReadonlySet<string> = new Set(['CustomUserData', 'Enabled', 'Token']);
const MAX_USER_DATA_BYTES = 2_048;
const PAGE = 100;

/**
 * `CreatePlatformEndpoint`: the same token and attributes twice are one endpoint, the same token with others is refused.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformEndpoint.html
 */
export function createPlatformEndpoint({ account, input }: SnsCall): ApiResult {
  const application = account.platforms.application(readArn(input, 'PlatformApplicationArn'));
  const token = input.string('Token');
  const userData = input.optionalString('CustomUserData');
  const given = input.stringMap('Attributes');
  if (input.fault !== undefined) return fault(input.fault);
  if (application === undefined) return fault(snsRefusals.notFound('PlatformApplication'));
  if (token === '') return fault(snsRefusals.invalidMember('Token', 'no value for required parameter'));
  const attributes: Readonly<Record<string, string>> = {
    ...(userData === undefined ? {} : { CustomUserData: userData }),
    ...given,
    Enabled: (given['Enabled'] ?? 'true').toLowerCase(),
    Token: token,
  };
  const refusal = refuseAttributes(attributes);
  if (refusal !== undefined) return fault(refusal);
  const existing = findByToken(application, token);
  if (existing !== undefined) return answerExisting(existing, attributes);
  const arn = `${application.arn.replace(':app/', ':endpoint/')}/${account.options.randomId()}`;
  account.platforms.addEndpoint({ arn, application, attributes: new Map(Object.entries(attributes)) });
  return output({ EndpointArn: arn });
}

const findByToken = ({ endpoints }: PlatformApplication, token: string): PlatformEndpoint | undefined =>
  [...endpoints.values()].find(({ attributes }) => attributes.get('Token') === token);

function answerExisting(
  { arn, attributes }: PlatformEndpoint,
  wanted: Readonly<Record<string, string>>,
): ApiResult {
  const isSame =
    attributes.size === Object.keys(wanted).length &&
    [...attributes].every(([name, value]) => wanted[name] === value);
  return isSame
    ? output({ EndpointArn: arn })
    : fault(
        snsRefusals.invalidMember(
          'Token',
          `Endpoint ${arn} already exists with the same Token, but different attributes.`,
        ),
      );
}

function refuseAttributes(attributes: Readonly<Record<string, string>>): ApiFault | undefined {
  const unknown = Object.keys(attributes).find((name) => !KNOWN.has(name));
  if (unknown !== undefined)
    return snsRefusals.invalidMember('Attributes', `Invalid attribute name: ${unknown}`);
  const { Enabled = 'true', CustomUserData = '', Token } = attributes;
  if (!/^(true|false)$/i.test(Enabled))
    return snsRefusals.invalidMember('Attributes', 'Invalid value for attribute: Enabled');
  if (Token === '') return snsRefusals.invalidMember('Attributes', 'Invalid value for attribute: Token');
  return Buffer.byteLength(CustomUserData) <= MAX_USER_DATA_BYTES
    ? undefined
    : snsRefusals.invalidMember(
        'CustomUserData',
        `must be at most ${MAX_USER_DATA_BYTES} bytes long in UTF-8`,
      );
}

/** `DeleteEndpoint`: one that is not there is fine. */
export function deleteEndpoint({ account, input }: SnsCall): ApiResult {
  const arn = readArn(input, 'EndpointArn');
  if (input.fault !== undefined) return fault(input.fault);
  account.platforms.deleteEndpoint(arn);
  return output();
}

/** `GetEndpointAttributes`. */
export function getEndpointAttributes({ account, input }: SnsCall): ApiResult {
  const endpoint = account.platforms.endpoint(readArn(input, 'EndpointArn'));
  if (input.fault !== undefined) return fault(input.fault);
  if (endpoint === undefined) return fault(snsRefusals.notFound('Endpoint'));
  return output({ Attributes: Object.fromEntries(endpoint.attributes) });
}

/** `SetEndpointAttributes`: a new token, or enabled again after its push service refused the old one. */
export function setEndpointAttributes({ account, input }: SnsCall): ApiResult {
  const endpoint = account.platforms.endpoint(readArn(input, 'EndpointArn'));
  const attributes = input.stringMap('Attributes');
  if (input.fault !== undefined) return fault(input.fault);
  if (endpoint === undefined) return fault(snsRefusals.notFound('Endpoint'));
  const refusal = refuseAttributes(attributes);
  if (refusal !== undefined) return fault(refusal);
  for (const [name, value] of Object.entries(attributes))
    endpoint.attributes.set(name, name === 'Enabled' ? value.toLowerCase() : value);
  return output();
}

/** `ListEndpointsByPlatformApplication`, 100 a page. */
export function listEndpointsByPlatformApplication({ account, input }: SnsCall): ApiResult {
  const application = account.platforms.application(readArn(input, 'PlatformApplicationArn'));
  const token = input.optionalString('NextToken');
  if (input.fault !== undefined) return fault(input.fault);
  if (application === undefined) return fault(snsRefusals.notFound('PlatformApplication'));
  const page = pageOf([...application.endpoints.values()], token, PAGE);
  if (page === undefined) return fault(snsRefusals.invalidParameter('NextToken'));
  const endpoints = page.items.map(({ arn, attributes }) => ({
    EndpointArn: arn,
    Attributes: Object.fromEntries(attributes),
  }));
  return output({ Endpoints: endpoints, ...page.next });
}
