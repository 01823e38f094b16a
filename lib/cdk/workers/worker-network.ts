import { Token, Validations, aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { FargateWorkerOptions } from './fargate-worker-options.js';

/** Violations of where the tasks are to run: nobody's NAT gateway is taken for granted. */
export function networkViolations({ cluster, vpcSubnets, assignPublicIp }: FargateWorkerOptions): string[] {
  if (vpcSubnets !== undefined) return [];
  const { vpc } = cluster;
  if (assignPublicIp === true) {
    return vpc.publicSubnets.length > 0
      ? []
      : ['assignPublicIp needs public subnets, and the VPC of the cluster has none'];
  }
  return vpc.privateSubnets.length > 0
    ? []
    : [
        'vpcSubnets must be given, since the VPC of the cluster has no private subnets with a way out: isolated ones with interface endpoints, or public ones with assignPublicIp: true',
      ];
}

/** The subnets of the tasks, once there are no violations. */
export function subnetsOf({ vpcSubnets, assignPublicIp }: FargateWorkerOptions): SubnetSelection {
  if (vpcSubnets !== undefined) return vpcSubnets;
  return { subnetType: assignPublicIp === true ? ec2.SubnetType.PUBLIC : ec2.SubnetType.PRIVATE_WITH_EGRESS };
}

/** Lets nobody in and lets out HTTPS: a worker asks AWS for its work, it is never asked. */
export function createSecurityGroup(scope: Construct, vpc: IVpc): ec2.SecurityGroup {
  const group = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    allowAllOutbound: false,
    description: 'A millrace worker: HTTPS out, nothing in',
  });
  group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS APIs and HTTPS');
  return group;
}

/** What works only if more is there than this construct can see. */
export function warnOfNetwork(scope: Construct, vpc: IVpc, selection: SubnetSelection): void {
  const { subnets, availabilityZones } = vpc.selectSubnets(selection);
  const isolated = new Set(vpc.isolatedSubnets.map(({ subnetId }) => subnetId));
  if (subnets.length > 0 && subnets.every(({ subnetId }) => isolated.has(subnetId))) {
    Validations.of(scope).addWarning(
      'millrace:FargateWorker.endpoints',
      'the subnets have no way out, so the VPC needs interface endpoints for ecr.api, ecr.dkr, logs and the service that is read (sqs, or kinesis-streams), and gateway endpoints for s3 and dynamodb: without them tasks do not start',
    );
  }
  const zones = new Set(availabilityZones);
  if (zones.size === 1 && !Token.isUnresolved(availabilityZones)) {
    Validations.of(scope).addWarning(
      'millrace:FargateWorker.singleZone',
      `the subnets are all in ${[...zones].join()}: with that zone all tasks are gone, choose subnets in two zones`,
    );
  }
}
