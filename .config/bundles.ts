import { build } from 'esbuild';
import path from 'node:path';
import { ROOT, type ToolResult } from './tool.js';

/** What one door may weigh and reach. */
interface DoorBudget {
  readonly door: string;
  /** Its own code, minified; packages it imports are not counted. */
  readonly maxBytes: number;
  /** What it may import from outside, directly or through others. */
  readonly mayImport: RegExp;
}

/** Raise a budget only with a reason in the commit that does it. */
const BUDGETS: readonly DoorBudget[] = [
  { door: 'contract', maxBytes: 24_000, mayImport: /^$/ },
  { door: 'runtime', maxBytes: 180_000, mayImport: /^(node:|@aws-sdk\/client-)/ },
  { door: 'cdk', maxBytes: 220_000, mayImport: /^(node:|aws-cdk-lib(\/|$)|constructs$)/ },
  { door: 'testing', maxBytes: 320_000, mayImport: /^(node:|@aws-sdk\/client-|dynalite$)/ },
];

/** One door as it was bundled. */
export interface DoorBundle {
  readonly door: string;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Imports that this door must not have. */
  readonly forbidden: readonly string[];
}

/** Bundles every door from its sources, as an application's bundler would. */
export function bundleDoors(): Promise<readonly DoorBundle[]> {
  return Promise.all(
    BUDGETS.map(async ({ door, maxBytes, mayImport }) => {
      const { metafile } = await build({
        entryPoints: [path.join(ROOT, 'lib', door, 'index.ts')],
        bundle: true,
        minify: true,
        write: false,
        metafile: true,
        format: 'esm',
        platform: 'node',
        packages: 'external',
        logLevel: 'silent',
        outfile: `${door}.js`,
      });
      const outputs = Object.values(metafile.outputs);
      const imports = new Set(
        outputs.flatMap((output) => output.imports.filter((each) => each.external).map((each) => each.path)),
      );
      return {
        door,
        bytes: outputs.reduce((total, output) => total + output.bytes, 0),
        maxBytes,
        forbidden: [...imports].filter((each) => !mayImport.test(each)).sort(),
      };
    }),
  );
}

/** Checks every door against its budget, as a table. */
export async function checkBundles(): Promise<ToolResult> {
  const bundles = await bundleDoors();
  const rows = bundles.map(({ door, bytes, maxBytes, forbidden }) => {
    const size = `${bytes.toLocaleString('en')} of ${maxBytes.toLocaleString('en')} bytes`;
    const reach = forbidden.length === 0 ? '' : `  must not import ${forbidden.join(', ')}`;
    return `${door.padEnd(10)}${size.padStart(30)}${bytes > maxBytes ? '  over budget' : ''}${reach}\n`;
  });
  const ok = bundles.every(({ bytes, maxBytes, forbidden }) => bytes <= maxBytes && forbidden.length === 0);
  return { ok, output: rows.join('') };
}
