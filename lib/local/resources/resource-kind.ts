import type { AwsClients } from '../aws-clients.js';
import type { PropertyReader } from '../property-reader.js';

/** What a kind of resource is given to create one. */
export interface CreateRequest {
  readonly properties: PropertyReader;
  readonly clients: AwsClients;
  readonly region: string;
  /** ARN of something of a service in the target's partition, region and account. */
  arnOf(service: string, resource: string): string;
  /**
   * To be called as soon as the resource exists: whatever fails after it, `remove` will be called in the end.
   */
  owns(physicalId: string, remove: () => Promise<unknown>): void;
  /** The physical name where the template gives none, as CloudFormation generates it. */
  generateName(maxLength: number, ending?: string): string;
  /** Asks until the answer is yes, with growing pauses; `what` names it should it never be. */
  until(what: string, isSo: () => Promise<boolean>): Promise<void>;
  /** Names a property that is not taken over. */
  leave(property: string, reason: string): void;
  /**
   * Does a step that changes nothing about how messages flow (encryption, backups, tags): an endpoint that does not
   * have the operation is named in the deployment's `notApplied`, and the resource stands without it.
   */
  extra(property: string, step: () => Promise<unknown>): Promise<void>;
}

/** A resource that is now as its template says. */
export interface CreatedResource {
  /** What `Ref` gives. */
  readonly physicalId: string;
  readonly arn?: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** One CloudFormation type that can be created through the SDK. */
export type ResourceKind = (request: CreateRequest) => Promise<CreatedResource>;

/** The members of `T`, where those that may be undefined may now be missing instead. */
export type Given<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Keeps the members that are given: AWS tells an absent member from one that is empty. */
export function given<T extends object>(members: T): Given<T> {
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Given<T>;
}
