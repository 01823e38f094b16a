import { GetBucketLifecycleConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { createEmbeddedAws, deployAssembly } from '../../lib/testing/index.js';
import { removeTemporaryFolders, writeAssembly } from './mini-assembly.js';

afterAll(removeTemporaryFolders);

const transition = { StorageClass: 'GLACIER_IR', TransitionInDays: 90 };

async function setup(rules: readonly object[]) {
  const aws = await createEmbeddedAws();
  const assembly = writeAssembly({
    store: {
      template: {
        Resources: {
          Bucket: { Type: 'AWS::S3::Bucket', Properties: { LifecycleConfiguration: { Rules: rules } } },
        },
      },
    },
  });
  const deployment = await deployAssembly({ assembly, aws: aws.clientConfig });
  const s3 = new S3Client({ ...aws.clientConfig, forcePathStyle: true });
  const Bucket = deployment.resources[0]?.physicalId;
  return {
    deployment,
    readRules: async () => (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules,
  };
}

describe('the lifecycle of a deployed bucket', () => {
  it('expires objects, and leaves transitions between storage classes out by name', async () => {
    const { deployment, readRules } = await setup([
      { Id: 'cheaper', Status: 'Enabled', Transitions: [transition] },
      { Id: 'gone', Status: 'Enabled', ExpirationInDays: 365, Transitions: [transition] },
    ]);
    expect(await readRules()).toEqual([expect.objectContaining({ ID: 'gone', Expiration: { Days: 365 } })]);
    expect(deployment.notApplied).toEqual([
      expect.objectContaining({
        logicalId: 'Bucket',
        property: 'LifecycleConfiguration',
        reason: 'objects stay in their storage class: transitions are not set up',
      }),
    ]);
  });

  it('is none where objects are only moved to another storage class', async () => {
    const { deployment, readRules } = await setup([{ Status: 'Enabled', Transitions: [transition] }]);
    await expect(readRules()).rejects.toThrow('lifecycle configuration does not exist');
    expect(deployment.notApplied).toHaveLength(1);
  });
});
