import { topologyOf, readTopology } from '../../lib/local/topology-reader.js';
import { drawTopology } from '../../lib/local/topology-drawing.js';
import { layOutTopology } from '../../lib/local/topology-layout.js';
import { readAssembly } from '../../lib/local/assembly.js';
import type { Topology } from '../../lib/local/topology.js';
import { removeTemporaryFolders, writeAssembly } from './mini-assembly.js';

const arnOf = (id: string): object => ({ 'Fn::GetAtt': [id, 'Arn'] });

const FANOUT = {
  Resources: {
    Events: { Type: 'AWS::SNS::Topic', Properties: { FifoTopic: true } },
    Builds: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        FifoQueue: true,
        VisibilityTimeout: 720,
        RedrivePolicy: { deadLetterTargetArn: arnOf('BuildsDlq'), maxReceiveCount: 5 },
      },
    },
    BuildsDlq: {
      Type: 'AWS::SQS::Queue',
      Properties: { FifoQueue: true, MessageRetentionPeriod: 1_209_600 },
    },
    Undelivered: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
    ToBuilds: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: { Ref: 'Events' },
        Protocol: 'sqs',
        Endpoint: arnOf('Builds'),
        FilterPolicy: { 'millrace-type': ['github.push'], branch: ['main', { prefix: 'release/' }] },
        RedrivePolicy: { deadLetterTargetArn: arnOf('Undelivered') },
      },
    },
    ByMail: {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn: { Ref: 'Events' }, Protocol: 'email', Endpoint: 'ops@example.com' },
    },
    Alarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['BuildsDlq', 'QueueName'] } }],
      },
    },
    MathAlarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        Metrics: [
          {
            MetricStat: {
              Metric: {
                Dimensions: [{ Name: 'TopicName', Value: { 'Fn::GetAtt': ['Events', 'TopicName'] } }],
              },
            },
          },
        ],
      },
    },
  },
};

const STREAM = {
  Resources: {
    Flights: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 4, RetentionPeriodHours: 48 } },
    Fast: {
      Type: 'AWS::Kinesis::StreamConsumer',
      Properties: { ConsumerName: 'fast', StreamARN: arnOf('Flights') },
    },
    Leases: { Type: 'AWS::DynamoDB::Table' },
    Customers: { Type: 'AWS::DynamoDB::Table' },
  },
  Outputs: {
    Delays: {
      Value: {
        'Fn::Sub':
          '{"v":1,"kind":"reader","name":"Flights/delays","reader":"delays","stream":{"arn":"${Flights.Arn}"},"leaseTable":"${Leases}"}',
      },
    },
  },
};

function setup(): { readonly topology: Topology; readonly assembly: string } {
  const assembly = writeAssembly({ hooks: { template: FANOUT }, flights: { template: STREAM } });
  return { topology: topologyOf(readAssembly(assembly)), assembly };
}

afterAll(removeTemporaryFolders);

describe('readTopology', () => {
  it('finds topics, queues, dead letters, streams, readers, their tables and their alarms', () => {
    const { assembly } = setup();
    const nodes = readTopology(assembly).nodes.map(({ id, kind, details, alarms }) => [
      id,
      kind,
      details,
      alarms,
    ]);
    expect(nodes).toEqual([
      ['hooks/Events', 'topic', ['FIFO'], 1],
      ['hooks/Builds', 'queue', ['FIFO', 'visibility 720 s', 'kept 4 d'], 0],
      ['hooks/BuildsDlq', 'dead-letter-queue', ['FIFO', 'kept 14 d'], 1],
      ['hooks/Undelivered', 'dead-letter-queue', ['FIFO', 'kept 4 d'], 0],
      ['flights/Flights', 'stream', ['4 shards', 'kept 48 h'], 0],
      ['flights/Leases', 'table', [], 0],
      ['flights/Flights/delays', 'reader', ['shared throughput'], 0],
      ['flights/Fast', 'reader', ['enhanced fan-out'], 0],
      ['outside/email', 'outside', [], 0],
    ]);
  });

  it('tells what leads where, with filters and receives in words', () => {
    expect(setup().topology.edges).toEqual([
      { from: 'hooks/Builds', to: 'hooks/BuildsDlq', kind: 'dead-letters', label: 'after 5 receives' },
      {
        from: 'hooks/Events',
        to: 'hooks/Builds',
        kind: 'delivers',
        label: 'github.push · branch = main, prefix release/',
      },
      {
        from: 'hooks/Events',
        to: 'hooks/Undelivered',
        kind: 'dead-letters',
        label: 'undeliverable',
        meantFor: 'hooks/Builds',
      },
      { from: 'hooks/Events', to: 'outside/email', kind: 'delivers' },
      { from: 'flights/Flights', to: 'flights/Flights/delays', kind: 'reads' },
      { from: 'flights/Flights/delays', to: 'flights/Leases', kind: 'keeps', label: 'leases' },
      { from: 'flights/Flights', to: 'flights/Fast', kind: 'reads' },
    ]);
  });

  it('follows references across stacks', () => {
    const assembly = writeAssembly({
      events: {
        template: {
          Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
          Outputs: { Arn: { Value: { Ref: 'Topic' } } },
        },
      },
      work: {
        dependencies: ['events'],
        template: {
          Resources: {
            Queue: { Type: 'AWS::SQS::Queue' },
            Sub: {
              Type: 'AWS::SNS::Subscription',
              Properties: {
                TopicArn: { 'Fn::GetStackOutput': { StackName: 'events', OutputName: 'Arn' } },
                Protocol: 'sqs',
                Endpoint: arnOf('Queue'),
              },
            },
          },
        },
      },
    });
    expect(readTopology(assembly).edges).toEqual([
      { from: 'events/Topic', to: 'work/Queue', kind: 'delivers' },
    ]);
  });

  it('reads templates with a mapping by Region, though it knows none', () => {
    const assembly = writeAssembly({
      work: {
        template: {
          Mappings: { Layers: { 'eu-west-1': { arm: 'arn:layer' } } },
          Resources: {
            Queue: { Type: 'AWS::SQS::Queue' },
            Worker: {
              Type: 'AWS::Lambda::Function',
              Properties: { Layers: [{ 'Fn::FindInMap': ['Layers', { Ref: 'AWS::Region' }, 'arm'] }] },
            },
            Poller: {
              Type: 'AWS::Lambda::EventSourceMapping',
              Properties: { EventSourceArn: arnOf('Queue'), FunctionName: { Ref: 'Worker' } },
            },
          },
        },
      },
    });
    expect(readTopology(assembly).edges).toEqual([{ from: 'work/Queue', to: 'work/Worker', kind: 'reads' }]);
  });
});

describe('drawTopology', () => {
  it('places everything once, and nothing on top of another', () => {
    const { topology } = setup();
    const { nodes, edges, width, height } = layOutTopology(topology);
    expect(nodes.map(({ node }) => node.id).sort()).toEqual(topology.nodes.map(({ id }) => id).sort());
    expect(edges).toHaveLength(topology.edges.length);
    const overlaps = nodes.flatMap((a, index) =>
      nodes
        .slice(index + 1)
        .filter(
          (b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height,
        )
        .map((b) => `${a.node.id} on ${b.node.id}`),
    );
    expect(overlaps).toEqual([]);
    expect(
      nodes.every(({ x, y, width: w, height: h }) => x >= 0 && y >= 0 && x + w <= width && y + h <= height),
    ).toBe(true);
  });

  it('is the same drawing every time, self-contained, and says in words what it shows', () => {
    const { topology } = setup();
    const svg = drawTopology(topology);
    expect(drawTopology(topology)).toBe(svg);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('Builds dead-letters to BuildsDlq (after 5 receives).');
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|<image|@import/);
  });

  it('escapes what templates hold', () => {
    const node = {
      id: 's/a',
      kind: 'topic',
      stack: '<s>',
      label: 'a & "b"',
      details: [],
      alarms: 0,
    } as const;
    const svg = drawTopology({ nodes: [node], edges: [] });
    expect(svg).toContain('&lt;s&gt;');
    expect(svg).toContain('a &amp; &quot;b&quot;');
  });
});
