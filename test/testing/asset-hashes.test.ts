import { createHash } from 'node:crypto';
import { assetHashSerializer } from '../../lib/testing/index.js';

const HASH = createHash('sha256').update('a program').digest('hex');

expect.addSnapshotSerializer(assetHashSerializer);

describe('assetHashSerializer', () => {
  it.each([
    ['the key of code in the bucket of assets', `${HASH}.zip`, '[asset].zip'],
    ['a key under a prefix', `shop/${HASH}.zip`, 'shop/[asset].zip'],
    ['a key of two endings', `${HASH}.tar.gz`, '[asset].tar.gz'],
    [
      'the address of a nested template',
      `https://s3.\${AWS::Region}.\${AWS::URLSuffix}/cdk-assets/${HASH}.json`,
      'https://s3.${AWS::Region}.${AWS::URLSuffix}/cdk-assets/[asset].json',
    ],
    ['a folder of the assembly', `asset.${HASH}`, 'asset.[asset]'],
    ['a file of the assembly', `asset.${HASH}.zip`, 'asset.[asset].zip'],
    [
      'the tag of an image',
      `\${AWS::AccountId}.dkr.ecr.\${AWS::Region}.\${AWS::URLSuffix}/cdk-container-assets:${HASH}`,
      '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/cdk-container-assets:[asset]',
    ],
  ])('masks the hash in %s', (_where, text, shown) => {
    expect(assetHashSerializer.test(text)).toBe(true);
    expect(assetHashSerializer.print(text, String)).toBe(shown);
  });

  it.each([
    ['a digest that is somebody’s value', HASH],
    ['a digest in a sentence', `sha256 ${HASH} of the schema`],
    ['a digest after a colon, outside a registry', `sha256:${HASH}`],
    ['a shorter digest', `${HASH.slice(0, 40)}.zip`],
    ['a longer one', `${HASH}0.zip`],
    ['a key without a hash', 'releases/worker-1.2.3.zip'],
    ['a digest within a name', `release-${HASH}.zip`],
    ['a logical id', 'FunctionCurrentVersion5A2D1B3Cd41d8cd98f00b204e9800998ecf8427e'],
  ])('leaves %s', (_what, text) => {
    expect(assetHashSerializer.test(text)).toBe(false);
  });

  it('leaves what is no text', () => {
    expect(
      [1, undefined, null, [`${HASH}.zip`], { S3Key: `${HASH}.zip` }].map(assetHashSerializer.test),
    ).toEqual(Array(5).fill(false));
  });

  it('works at any depth of a jest snapshot, and changes nothing beside', () => {
    expect({ Code: { S3Bucket: 'assets', S3Key: `${HASH}.zip` }, Digest: 'v1', Keys: [`${HASH}.json`] })
      .toMatchInlineSnapshot(`
      {
        "Code": {
          "S3Bucket": "assets",
          "S3Key": "[asset].zip",
        },
        "Digest": "v1",
        "Keys": [
          "[asset].json",
        ],
      }
    `);
  });
});
