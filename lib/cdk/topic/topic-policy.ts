import { AccountRootPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Lets the owner's account use its topic: SNS's own default says so, and any policy replaces that default. */
export function ownerStatement(topicArn: string): PolicyStatement {
  return new PolicyStatement({
    sid: 'OwnerUsesTopic',
    principals: [new AccountRootPrincipal()],
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
