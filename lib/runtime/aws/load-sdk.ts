import type * as DynamoModule from '@aws-sdk/client-dynamodb';
import type * as KinesisModule from '@aws-sdk/client-kinesis';
import type * as S3Module from '@aws-sdk/client-s3';
import type * as SnsModule from '@aws-sdk/client-sns';
import type * as SqsModule from '@aws-sdk/client-sqs';
import { MillraceError } from '../../core/errors.js';

/** Where a client talks to, from its binding. */
export interface AwsTarget {
  readonly region: string;
  readonly endpoint?: string;
}

/** The SDK clients are optional peers: whoever only reads streams need not install the SQS client. */
export async function loadSqsModule(): Promise<typeof SqsModule> {
  return loadPeer('@aws-sdk/client-sqs', () => import('@aws-sdk/client-sqs'));
}

/** @see loadSqsModule */
export async function loadSnsModule(): Promise<typeof SnsModule> {
  return loadPeer('@aws-sdk/client-sns', () => import('@aws-sdk/client-sns'));
}

/** @see loadSqsModule */
export async function loadDynamoModule(): Promise<typeof DynamoModule> {
  return loadPeer('@aws-sdk/client-dynamodb', () => import('@aws-sdk/client-dynamodb'));
}

/** @see loadSqsModule */
export async function loadKinesisModule(): Promise<typeof KinesisModule> {
  return loadPeer('@aws-sdk/client-kinesis', () => import('@aws-sdk/client-kinesis'));
}

/** @see loadSqsModule */
export async function loadS3Module(): Promise<typeof S3Module> {
  return loadPeer('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'));
}

/** Loads an optional peer. @throws {DEPENDENCY_MISSING} it is not installed */
export async function loadPeer<Module>(name: string, importModule: () => Promise<Module>): Promise<Module> {
  try {
    return await importModule();
  } catch (cause) {
    throw new MillraceError(
      'DEPENDENCY_MISSING',
      `the package ${name} can't be loaded; it is an optional peer of millrace: install it beside millrace (npm install ${name})`,
      { cause },
    );
  }
}
