import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MANIFEST = fileURLToPath(new URL('./peers/package.json', import.meta.url));
const INSTALL_TIMEOUT_MS = 240_000;

/** Where peers are, or why they are not. */
export type Peers =
  | {
      readonly kind: 'installed';
      readonly folder: string;
      /** A Node.js that every peer runs on. */
      readonly node: string;
      readonly versions: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'missing'; readonly reason: string };

/** Installs what `peers/package.json` pins into a cache folder outside of the repository, unless it is there. */
export async function installPeers(): Promise<Peers> {
  const manifest = await readFile(MANIFEST, 'utf8');
  const { dependencies } = JSON.parse(manifest) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const mark = createHash('sha256').update(manifest).digest('hex').slice(0, 12);
  const folder = path.join(cacheFolder(), 'millrace', `bench-peers-${mark}`);
  const installed = {
    kind: 'installed',
    folder,
    node: path.join(folder, 'node_modules', 'node', 'bin', 'node'),
    versions: dependencies,
  } as const;
  if (await isUsable(installed.node)) return installed;
  try {
    await mkdir(folder, { recursive: true });
    await copyFile(MANIFEST, path.join(folder, 'package.json'));
    await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
      cwd: folder,
      timeout: INSTALL_TIMEOUT_MS,
    });
    if (await isUsable(installed.node)) return installed;
    return { kind: 'missing', reason: 'its Node.js 22 does not run on this machine' };
  } catch (error) {
    return {
      kind: 'missing',
      reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
    };
  }
}

function cacheFolder(): string {
  return process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache');
}

async function isUsable(node: string): Promise<boolean> {
  try {
    await run(node, ['--version']);
    return true;
  } catch {
    return false;
  }
}
