import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';

/** The services the suite covers. */
export type Service = 'sqs' | 'sns' | 'kinesis' | 'dynamodb' | 's3';

/**
 * What a case may need beyond its service:
 * `clock` = an engine whose time the case can move; `loopback` = an engine that can reach a listener of this machine.
 */
export type Capability = 'clock' | 'loopback';

/** The SDK v3 clients of one engine, all against its endpoint. */
export interface Clients {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly kinesis: KinesisClient;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
}

/** What a case is given: clients, names nobody else uses, and a place to say what must be taken away afterwards. */
export interface CaseContext extends Clients {
  /** A name of letters, digits and hyphens (at most 60 characters) that no other case or run uses. */
  unique(purpose: string): string;
  /** Runs after the case, last registered first, whether it passed or not; its failures are ignored. */
  cleanUp(undo: () => Promise<unknown>): void;
  /** Moves the engine's time forward; only for cases that need `clock`. */
  advance(ms: number): Promise<void>;
}

/** What one case says about one engine. */
export type Outcome =
  | { readonly kind: 'pass' }
  /** `interrupted`: no answer at all, by time or a lost connection, which says little about the case itself. */
  | { readonly kind: 'fail'; readonly reason: string; readonly interrupted?: true }
  /** The engine refuses the operation by name, or lacks what the case needs: no statement about its behaviour. */
  | { readonly kind: 'unsupported'; readonly reason: string };

/** One black-box fact of a service, as its documentation states it. */
export interface ConformanceCase {
  /** `<group>/<slug of the title>`, e.g. `sqs.fifo/keeps-the-order-of-a-group`. */
  readonly id: string;
  readonly service: Service;
  /** `<service>.<topic>`, the row the summary counts in. */
  readonly group: string;
  readonly title: string;
  /** The AWS page that decides when engines disagree. */
  readonly page: string;
  readonly needs: readonly Capability[];
  /** Longest a local engine may take; AWS itself gets more. @default 20_000 */
  readonly timeoutMs: number;
  readonly run: (context: CaseContext) => Promise<unknown>;
}

/** A case as its group declares it, under its title. */
export interface CaseDeclaration {
  readonly page: string;
  readonly needs?: readonly Capability[];
  readonly timeoutMs?: number;
  readonly run: (context: CaseContext) => Promise<unknown>;
}

const DEFAULT_CASE_TIMEOUT_MS = 20_000;

const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** Declares the cases of one group; the key is the case's title. */
export function caseGroup(
  group: `${Service}.${string}`,
  declarations: Readonly<Record<string, CaseDeclaration>>,
): readonly ConformanceCase[] {
  const service = group.slice(0, group.indexOf('.')) as Service;
  return Object.entries(declarations).map(([title, declaration]) => ({
    id: `${group}/${slugOf(title)}`,
    service,
    group,
    title,
    page: declaration.page,
    needs: declaration.needs ?? [],
    timeoutMs: declaration.timeoutMs ?? DEFAULT_CASE_TIMEOUT_MS,
    run: declaration.run,
  }));
}
