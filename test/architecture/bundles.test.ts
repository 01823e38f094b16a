import { spawnSync } from 'node:child_process';

interface DoorBundle {
  readonly door: string;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly forbidden: readonly string[];
}

// In a process of its own: esbuild refuses to run in jest's realm.
const { stdout, stderr } = spawnSync(
  process.execPath,
  [
    '--import',
    'tsx',
    '--eval',
    "import('./.config/bundles.ts').then(async (m) => console.log(JSON.stringify(await m.bundleDoors())))",
  ],
  { encoding: 'utf8' },
);

describe('the bundle of each door', () => {
  const bundles = stdout === '' ? [] : (JSON.parse(stdout) as readonly DoorBundle[]);

  it('can be made', () => {
    expect({
      failure: stdout === '' ? stderr : '',
      doors: bundles.flatMap(({ door }) => (door.includes(':') ? [] : [door])),
    }).toEqual({
      failure: '',
      doors: ['contract', 'runtime', 'cdk', 'testing'],
    });
  });

  it('imports nothing that its users would not expect', () => {
    expect(bundles.filter(({ forbidden }) => forbidden.length > 0)).toEqual([]);
  });

  it('stays within its budget', () => {
    expect(bundles.filter(({ bytes, maxBytes }) => bytes > maxBytes)).toEqual([]);
  });
});
