import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaveOut, readRefusals } from './assembly.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const TEMPLATE = {
  Resources: {
    Jobs: { Type: 'AWS::SQS::Queue', DependsOn: ['Graph', 'Key'], Properties: {} },
    Graph: { Type: 'AWS::Some::Graph', Properties: { Of: { Ref: 'Jobs' } } },
    Plain: { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'Age' } },
    Math: { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [] } },
    Key: { Type: 'AWS::KMS::Key' },
  },
  Outputs: { Name: { Value: { 'Fn::GetAtt': ['Graph', 'Name'] } }, Url: { Value: { Ref: 'Jobs' } } },
};

describe('what an engine can not create', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assembly-'));
    const text = JSON.stringify(TEMPLATE);
    await writeFile(join(folder, 'app.template.json'), text);
    await writeFile(join(folder, 'app.assets.json'), JSON.stringify({ files: { [sha256(text)]: {} } }));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const read = async (name: string): Promise<Record<string, Record<string, unknown>>> =>
    JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, Record<string, unknown>>;

  it('is read from the words of the deployment', () => {
    const output = [
      'app | CREATE_FAILED | Unsupported resource type: AWS::Some::Graph',
      'Math: AWS::CloudWatch::Alarm Properties.Metrics (metric math) is not supported; use another',
      'Template format error: Unrecognized resource types: [AWS::Some::Thing, AWS::Other::Thing]',
      'Jobs: Value 5 for parameter MaximumMessageSize is invalid',
    ].join('\n');
    expect(readRefusals(output)).toEqual([
      { type: 'AWS::Some::Graph' },
      { type: 'AWS::Some::Thing' },
      { type: 'AWS::Other::Thing' },
      { type: 'AWS::CloudWatch::Alarm', property: 'Metrics' },
    ]);
  });

  it('is left out with what refers to it, and nothing else is', async () => {
    const left = await leaveOut(folder, [
      { type: 'AWS::Some::Graph' },
      { type: 'AWS::CloudWatch::Alarm', property: 'Metrics' },
    ]);
    expect(left).toEqual([
      { stack: 'app', logicalId: 'Graph', type: 'AWS::Some::Graph' },
      { stack: 'app', logicalId: 'Math', type: 'AWS::CloudWatch::Alarm' },
    ]);
    const template = await read('app.template.json');
    expect(template['Resources']).toEqual({
      Jobs: { Type: 'AWS::SQS::Queue', DependsOn: ['Key'], Properties: {} },
      Plain: TEMPLATE.Resources.Plain,
      Key: TEMPLATE.Resources.Key,
    });
    expect(template['Outputs']).toEqual({ Name: { Value: 'not-emulated' }, Url: { Value: { Ref: 'Jobs' } } });
  });

  it('makes a template of another hash, under which it is uploaded', async () => {
    await leaveOut(folder, [{ type: 'AWS::Some::Graph' }]);
    const { files } = await read('app.assets.json');
    expect(Object.keys(files ?? {})).toEqual([
      sha256(await readFile(join(folder, 'app.template.json'), 'utf8')),
    ]);
  });

  it('touches no template that has none of it', async () => {
    expect(await leaveOut(folder, [{ type: 'AWS::EC2::VPC' }])).toEqual([]);
    expect(await read('app.template.json')).toEqual(TEMPLATE);
  });
});
