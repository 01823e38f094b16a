import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readAssembly } from '../../lib/local/assembly.js';
import { removeTemporaryFolders, temporaryFolder, writeAssembly } from './mini-assembly.js';

const template = { Resources: {} };

afterAll(removeTemporaryFolders);

describe('readAssembly', () => {
  it('gives the stacks in the order of their dependencies, with names and environments', () => {
    const directory = writeAssembly({
      app: { template, dependencies: ['data', 'app.assets'] },
      data: { template, stackName: 'prod-data', environment: 'aws://111122223333/eu-west-1' },
    });
    const { stacks } = readAssembly(directory);
    expect(stacks.map(({ name, account, region }) => ({ name, account, region }))).toEqual([
      { name: 'prod-data', account: '111122223333', region: 'eu-west-1' },
      { name: 'app', account: undefined, region: undefined },
    ]);
  });

  it('reads the assemblies of stages inside', () => {
    const directory = temporaryFolder();
    const inner = path.basename(writeAssembly({ stage: { template } }));
    writeFileSync(
      path.join(directory, 'manifest.json'),
      JSON.stringify({
        artifacts: { s: { type: 'cdk:cloud-assembly', properties: { directoryName: `../${inner}` } } },
      }),
    );
    expect(readAssembly(directory).stacks.map(({ id }) => id)).toEqual(['stage']);
  });

  it('knows construct paths by logical id', () => {
    const metadata = { '/app/Builds/Resource': [{ type: 'aws:cdk:logicalId', data: 'Builds1234' }] };
    const [stack] = readAssembly(writeAssembly({ app: { template, metadata } })).stacks;
    expect(stack?.paths.get('Builds1234')).toBe('/app/Builds/Resource');
  });

  it.each([
    [
      'a folder that is not there',
      () => path.join(temporaryFolder(), 'cdk.out'),
      /manifest\.json: can't be read; give/,
    ],
    ['an assembly without stacks', () => writeAssembly({}), /holds no stack/],
    [
      'a template without resources',
      () => writeAssembly({ s: { template: {} } }),
      /s\.template\.json: Resources must be/,
    ],
    [
      'a resource without a type',
      () => writeAssembly({ s: { template: { Resources: { A: {} } } } }),
      /s\.template\.json: Resources\.A\.Type must be text, got nothing/,
    ],
    [
      'stacks in a circle',
      () => writeAssembly({ a: { template, dependencies: ['b'] }, b: { template, dependencies: ['a'] } }),
      /circle: a → b → a/,
    ],
  ])('rejects %s, naming the file', (_, make, message) => {
    const directory = make();
    expect(() => readAssembly(directory)).toThrow(
      expect.objectContaining({
        code: 'ASSEMBLY_INVALID',
        message: expect.stringMatching(message) as unknown,
      }) as Error,
    );
  });

  it('rejects a manifest that is not JSON', () => {
    const directory = temporaryFolder();
    writeFileSync(path.join(directory, 'manifest.json'), '{');
    expect(() => readAssembly(directory)).toThrow(/manifest\.json: is not JSON; /);
  });
});
