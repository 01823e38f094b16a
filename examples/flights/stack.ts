import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { BindingOutputs, ShardedStream, StreamCapacity } from 'millrace/cdk';
import { FlightLanded } from './records.js';

/** Flights by origin airport through four shards to two independent readers. */
export class FlightsStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // People subscribe to it: e-mail, a chat, a pager.
    const alarmTopic = new Topic(this, 'Alarms', { enforceSSL: true });
    const flights = new ShardedStream(this, 'Flights', {
      record: FlightLanded,
      alarmTopic,
      capacity: StreamCapacity.provisioned(4),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const delays = flights.addReader('delays');
    const archive = flights.addReader('archive');

    const airports = new Table(this, 'Airports', {
      partitionKey: { name: 'airport', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnOutput(this, 'AirportsTable', { value: airports.tableName });
    new BindingOutputs(this, 'Bindings', { resources: [flights, delays, archive] });
  }
}
