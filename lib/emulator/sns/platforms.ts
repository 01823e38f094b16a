/** Push services an application can be registered with. */
export const PLATFORMS = [
  'ADM',
  'APNS',
  'APNS_SANDBOX',
  'APNS_VOIP',
  'APNS_VOIP_SANDBOX',
  'APNS_PASSBOOK',
  'APNS_PASSBOOK_SANDBOX',
  'BAIDU',
  'GCM',
  'MACOS',
  'MACOS_SANDBOX',
  'MPNS',
  'WNS',
] as const;

/** An app on one device. It changes in place. */
export interface PlatformEndpoint {
  readonly arn: string;
  readonly application: PlatformApplication;
  /** `Token`, `Enabled` and, when it was given, `CustomUserData`. */
  readonly attributes: Map<string, string>;
}

/** An app registered with a push service. It changes in place. */
export interface PlatformApplication {
  readonly arn: string;
  readonly platform: string;
  readonly attributes: Map<string, string>;
  /** By ARN, in the order they were made. */
  readonly endpoints: Map<string, PlatformEndpoint>;
}

/** Whether a push to an endpoint can go out now. */
export type EndpointLookup =
  | { readonly kind: 'enabled'; readonly endpoint: PlatformEndpoint }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'missing' };

/** What an account sends single messages to: apps on devices, and telephones. */
export class Platforms {
  readonly smsAttributes = new Map<string, string>();
  readonly #applications = new Map<string, PlatformApplication>();
  readonly #endpoints = new Map<string, PlatformEndpoint>();
  readonly #optedOut = new Set<string>();

  application(arn: string): PlatformApplication | undefined {
    return this.#applications.get(arn);
  }

  applications(): readonly PlatformApplication[] {
    return [...this.#applications.values()];
  }

  addApplication(application: PlatformApplication): void {
    this.#applications.set(application.arn, application);
  }

  /** Takes an application away with its endpoints; one that is not there is fine. */
  deleteApplication(arn: string): void {
    for (const endpoint of this.#applications.get(arn)?.endpoints.keys() ?? [])
      this.#endpoints.delete(endpoint);
    this.#applications.delete(arn);
  }

  endpoint(arn: string): PlatformEndpoint | undefined {
    return this.#endpoints.get(arn);
  }

  /** Finds the endpoint of a push. */
  lookUp(arn: string): EndpointLookup {
    const endpoint = this.#endpoints.get(arn);
    if (endpoint === undefined) return { kind: 'missing' };
    return endpoint.attributes.get('Enabled') === 'true'
      ? { kind: 'enabled', endpoint }
      : { kind: 'disabled' };
  }

  addEndpoint(endpoint: PlatformEndpoint): void {
    endpoint.application.endpoints.set(endpoint.arn, endpoint);
    this.#endpoints.set(endpoint.arn, endpoint);
  }

  /** Takes an endpoint away; one that is not there is fine. */
  deleteEndpoint(arn: string): void {
    this.#endpoints.get(arn)?.application.endpoints.delete(arn);
    this.#endpoints.delete(arn);
  }

  /** Numbers that get no SMS, in the order they said so. */
  optedOut(): readonly string[] {
    return [...this.#optedOut];
  }

  isOptedOut(phoneNumber: string): boolean {
    return this.#optedOut.has(phoneNumber);
  }

  /** Replaces the numbers that get no SMS: their owners answered STOP. */
  setOptedOut(phoneNumbers: readonly string[]): void {
    this.#optedOut.clear();
    for (const phoneNumber of phoneNumbers) this.#optedOut.add(phoneNumber);
  }

  optIn(phoneNumber: string): void {
    this.#optedOut.delete(phoneNumber);
  }
}
