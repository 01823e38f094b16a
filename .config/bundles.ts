import { build } from 'esbuild';
import path from 'node:path';
import { ROOT, type ToolResult } from './tool.js';

/** What one door may weigh and reach, as a whole or for a program that imports some of it. */
interface DoorBudget {
  readonly door: string;
  /** What the program imports. @default - everything */
  readonly names?: string;
  /** Its own code, minified; packages it imports are not counted. */
  readonly maxBytes: number;
  /** What it may import from outside, directly or through others. */
  readonly mayImport: RegExp;
}

/** Raise a budget only with a reason in the commit that does it. */
const RUNTIME = { door: 'runtime', mayImport: /^(node:|@aws-sdk\/client-|@opentelemetry\/api$)/ } as const;

const BUDGETS: readonly DoorBudget[] = [
  { door: 'contract', maxBytes: 24_000, mayImport: /^$/ },
  // With every store, transport and host, which no program imports at once; the lines below are what programs carry.
  { ...RUNTIME, maxBytes: 280_000 },
  { ...RUNTIME, names: 'createQueueWorker, on', maxBytes: 154_000 },
  { ...RUNTIME, names: 'createLambdaHandler, on', maxBytes: 124_000 },
  { ...RUNTIME, names: 'createPublisher', maxBytes: 62_500 },
  { ...RUNTIME, names: 'createWebhookReceiver, on', maxBytes: 50_000 },
  { ...RUNTIME, names: 'createStreamReader', maxBytes: 70_000 },
  { ...RUNTIME, names: 'createStreamProducer', maxBytes: 50_000 },
  { door: 'cdk', maxBytes: 240_000, mayImport: /^(node:|aws-cdk-lib(\/|$)|constructs$)/ },
  { door: 'testing', maxBytes: 320_000, mayImport: /^(node:|@aws-sdk\/client-|dynalite$)/ },
];

/** One door, or what a program uses of it, as it was bundled. */
export interface DoorBundle {
  /** `runtime`, or `runtime: createPublisher`. */
  readonly door: string;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Imports that this door must not have. */
  readonly forbidden: readonly string[];
}

/** Bundles every door from its sources, as an application's bundler would. */
export function bundleDoors(): Promise<readonly DoorBundle[]> {
  return Promise.all(
    BUDGETS.map(async ({ door, names, maxBytes, mayImport }) => {
      const { metafile } = await build({
        stdin: {
          contents: `export ${names === undefined ? '*' : `{ ${names} }`} from './index.js';`,
          resolveDir: path.join(ROOT, 'lib', door),
        },
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
        door: names === undefined ? door : `${door}: ${names}`,
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
    return `${door.padEnd(36)}${size.padStart(30)}${bytes > maxBytes ? '  over budget' : ''}${reach}\n`;
  });
  const ok = bundles.every(({ bytes, maxBytes, forbidden }) => bytes <= maxBytes && forbidden.length === 0);
  return { ok, output: rows.join('') };
}
