import { aws_iam as iam } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Lets the owner's account use its topic: SNS's own default says so, and any policy replaces that default. */
export function ownerStatement(topicArn: string): PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'OwnerUsesTopic',
    principals: [new iam.AccountRootPrincipal()],
    actions: [
      'sns:AddPermission',
      'sns:DeleteTopic',
      'sns:GetTopicAttributes',
      'sns:ListSubscriptionsByTopic',
      'sns:Publish',
      'sns:RemovePermission',
      'sns:SetTopicAttributes',
      'sns:Subscribe',
    ],
    resources: [topicArn],
  });
}
