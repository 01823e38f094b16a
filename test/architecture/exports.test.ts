import { existsSync, readFileSync } from 'node:fs';

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

/** Every file an exports map names, at any depth. */
function filesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(filesIn) : [];
}

/** The source that the build makes a file of: dist/esm/lib/cdk/index.d.ts comes from lib/cdk/index.ts. */
const sourceOf = (file: string): string =>
  file.replace(/^\.\/dist\/(esm|cjs)\//, '').replace(/(\.d\.ts|\.js)$/, '.ts');

describe('package.json', () => {
  it('has the four doors and no root, so that nobody pulls in all of it by accident', () => {
    expect(Object.keys(manifest.exports)).toEqual([
      './cdk',
      './runtime',
      './contract',
      './testing',
      './package.json',
    ]);
  });

  it('names only files that the build makes', () => {
    const files = [...filesIn(manifest.exports), ...Object.values(manifest.bin)].filter(
      (file) => file !== './package.json',
    );
    expect(files.filter((file) => !existsSync(sourceOf(file)))).toEqual([]);
    expect(files).toHaveLength(4 * 4 + 1);
  });

  it('gives types first under every condition, or TypeScript would not find them', () => {
    const conditions = Object.values(manifest.exports)
      .filter((entry) => typeof entry === 'object' && entry !== null)
      .flatMap((entry) => Object.values(entry) as object[]);
    expect(conditions.map((condition) => Object.keys(condition))).toEqual(
      Array(8).fill(['types', 'default']),
    );
  });

  it('makes every peer optional: a worker needs no CDK, a stack no SDK', () => {
    const peers = Object.keys(manifest.peerDependencies);
    expect(peers.filter((peer) => manifest.peerDependenciesMeta[peer]?.optional !== true)).toEqual([]);
  });

  it('depends on nothing but types', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['@standard-schema/spec']);
  });
});
