import type { Stack } from 'aws-cdk-lib';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { CasesOfRule } from './cases-of-rule.js';

/** A task with a queue's binding, and rights on the queue but not on its key. */
function taskOf(stack: Stack, encryptionMasterKey: IKey): FargateTaskDefinition {
  const queue = new Queue(stack, 'Work', { encryptionMasterKey });
  const task = new FargateTaskDefinition(stack, 'Task');
  task.addContainer('Worker', {
    image: ContainerImage.fromRegistry('example/worker'),
    environment: { MILLRACE_QUEUE_WORK: stack.toJsonString({ url: queue.queueUrl }) },
  });
  task.addToTaskRolePolicy(new PolicyStatement({ actions: ['sqs:*'], resources: [queue.queueArn] }));
  return task;
}

/** Cases of the rules on workers and the keys of their queues. */
export const WORKER_CASES: readonly CasesOfRule[] = [
  {
    rule: 'worker-keys',
    broken: [
      {
        when: 'the role may use the queue and not its key',
        build: (stack) => taskOf(stack, new Key(stack, 'Key')),
        says: 'works on Work, and its task role may not decrypt with the key Key',
        fix: 'use grantConsume',
      },
    ],
    fine: [
      {
        when: 'the role may use the key',
        build: (stack) => {
          const key = new Key(stack, 'Key');
          key.grantDecrypt(taskOf(stack, key).taskRole);
        },
      },
      {
        when: 'the key names the role',
        build: (stack) => {
          const key = new Key(stack, 'Key');
          const policy = new PolicyStatement({ actions: ['kms:Decrypt'], resources: ['*'] });
          policy.addArnPrincipal(taskOf(stack, key).taskRole.roleArn);
          key.addToResourcePolicy(policy);
        },
      },
      {
        when: 'the key is of another app',
        build: (stack) =>
          taskOf(stack, Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/12345678')),
      },
    ],
  },
];
