import type { Stack } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement, ServicePrincipal, type Conditions } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { CasesOfRule } from './cases-of-rule.js';

/** Lets somebody send to a queue, if the conditions hold. */
function letSend(stack: Stack, principal: AnyPrincipal | ServicePrincipal, conditions: Conditions): void {
  new Queue(stack, 'Work').addToResourcePolicy(
    new PolicyStatement({
      actions: ['sqs:SendMessage'],
      resources: ['*'],
      principals: [principal],
      conditions,
    }),
  );
}

const S3 = new ServicePrincipal('s3.amazonaws.com');

export const POLICY_CASES: readonly CasesOfRule[] = [
  {
    rule: 'public-policy',
    broken: [
      {
        when: 'a condition shuts one account out and lets in all others',
        build: (stack) =>
          letSend(stack, new AnyPrincipal(), {
            StringNotEquals: { 'aws:PrincipalAccount': '222222222222' },
          }),
        says: 'to everybody in the world',
      },
      {
        when: 'a condition lets in who says nothing of an organization',
        build: (stack) =>
          letSend(stack, new AnyPrincipal(), {
            StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-abcdefghij' },
          }),
        says: 'to everybody in the world',
      },
    ],
    fine: [
      {
        when: 'it is for a part of an organization',
        build: (stack) =>
          letSend(stack, new AnyPrincipal(), {
            'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': ['o-abcdefghij/r-ab12/*'] },
          }),
      },
      {
        when: 'it is for an endpoint of a VPC',
        build: (stack) =>
          letSend(stack, new AnyPrincipal(), {
            StringEquals: { 'aws:SourceVpce': 'vpce-0123456789abcdef0' },
          }),
      },
    ],
  },
  {
    rule: 'confused-deputy',
    broken: [
      {
        when: 'the source may be any bucket there is',
        build: (stack) => letSend(stack, S3, { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::*' } }),
        says: "lets s3.amazonaws.com into Work on anybody's behalf",
      },
      {
        when: 'the source may be of any account',
        build: (stack) => letSend(stack, S3, { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:*:*:*' } }),
        says: "lets s3.amazonaws.com into Work on anybody's behalf",
      },
    ],
    fine: [
      {
        when: 'the source is one bucket, or any of one account',
        build: (stack) =>
          letSend(stack, S3, {
            ArnLike: { 'aws:SourceArn': ['arn:aws:s3:::uploads', 'arn:aws:sns:*:111111111111:*'] },
          }),
      },
      {
        when: 'any bucket is of one account',
        build: (stack) =>
          letSend(stack, S3, {
            ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::*' },
            StringEquals: { 'aws:SourceAccount': '111111111111' },
          }),
      },
    ],
  },
];
