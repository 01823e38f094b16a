import { Stack, type App } from 'aws-cdk-lib';
import { SubnetType, Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { createApp } from './declarations.js';

/** A cluster in a stack, and what every worker needs. */
export interface FargateStage {
  readonly app: App;
  readonly stack: Stack;
  /** The two options that no worker can do without. */
  readonly given: { readonly cluster: ICluster; readonly image: ContainerImage };
  /** The same cluster as aws-cdk-lib's class, which is no ICluster under exactOptionalPropertyTypes. */
  readonly cluster: Cluster;
}

interface Network {
  readonly subnetType?: SubnetType;
  readonly maxAzs?: number;
}

/** @param scope the stack to put the cluster in; by itself, one beside that of the queue */
export function createFargateStage(
  scope?: Stack,
  { subnetType = SubnetType.PRIVATE_WITH_EGRESS, maxAzs = 2 }: Network = {},
): FargateStage {
  const app = createApp();
  const network = scope ?? new Stack(app, 'Network');
  const hasWaysOut = subnetType === SubnetType.PRIVATE_WITH_EGRESS;
  const vpc = new Vpc(network, 'Vpc', {
    maxAzs,
    natGateways: hasWaysOut ? 1 : 0,
    subnetConfiguration: [
      { name: 'tasks', subnetType },
      ...(hasWaysOut ? [{ name: 'ways-out', subnetType: SubnetType.PUBLIC }] : []),
    ],
  }) as IVpc;
  const cluster = new Cluster(network, 'Cluster', { vpc });
  const image = ContainerImage.fromRegistry('example/worker');
  return {
    app,
    stack: scope ?? new Stack(app, 'Shop'),
    given: { cluster: cluster as ICluster, image },
    cluster,
  };
}

/** Ids of the warnings that an app's constructs gave. */
export function warningsOf(app: App): string[] {
  return app
    .synth()
    .stacks.flatMap((stack) =>
      stack.messages
        .map(({ entry }) => /\[ack: (?:Annotation::)?([^\]]+)\]/.exec(JSON.stringify(entry.data))?.[1])
        .filter((id) => id !== undefined),
    );
}
