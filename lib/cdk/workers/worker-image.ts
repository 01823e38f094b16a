import { aws_ecr_assets as ecrAssets, aws_ecs as ecs } from 'aws-cdk-lib';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ContainerDefinition, ContainerImageConfig } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { MillraceError } from '../../core/errors.js';

/** A program that becomes an image. */
export interface BundledProgram {
  /** Its source file. */
  readonly entry: string;
  readonly baseImage: string;
  readonly cpuArchitecture: 'X86_64' | 'ARM64';
}

/** The one function of esbuild that is used. */
interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): unknown;
}

/**
 * The image of one bundled file. It is bundled at synth and built by `cdk deploy`. Nothing is run while it is built, so any
 * machine builds it for any processor.
 */
export function imageOf(program: BundledProgram): ecs.ContainerImage {
  // Not a class of the module: what it extends would load ECS for apps that have none.
  return new (class extends ecs.ContainerImage {
    bind(scope: Construct, container: ContainerDefinition): ContainerImageConfig {
      const directory = mkdtempSync(join(tmpdir(), 'millrace-worker-'));
      try {
        writeProgram(program, directory);
        const { LINUX_AMD64, LINUX_ARM64 } = ecrAssets.Platform;
        const platform = program.cpuArchitecture === 'ARM64' ? LINUX_ARM64 : LINUX_AMD64;
        // The asset is copied into the cloud assembly at once, so the directory may go.
        return ecs.ContainerImage.fromAsset(directory, { platform }).bind(scope, container);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    }
  })();
}

function writeProgram({ entry, baseImage }: BundledProgram, directory: string): void {
  bundle(entry, join(directory, 'worker.mjs'));
  writeFileSync(join(directory, 'Dockerfile'), dockerfileOn(baseImage));
}

/** Bundles to ESM, so that a program may await at its top. */
function bundle(entry: string, outfile: string): void {
  bundlerBeside(entry).buildSync({
    entryPoints: [resolve(entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Bundled CommonJS calls a require, which ESM has not.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
}

/** The program's own esbuild: of the version its team chose, and none for teams that bring images. */
function bundlerBeside(entry: string): Bundler {
  try {
    return createRequire(resolve(entry))('esbuild') as Bundler;
  } catch (cause) {
    throw new MillraceError(
      'INVALID_OPTIONS',
      `entry '${entry}' can't be bundled, since no esbuild is installed beside it: npm install --save-dev esbuild, or give an image`,
      { cause },
    );
  }
}

const dockerfileOn = (baseImage: string): string =>
  [
    `FROM ${baseImage}`,
    'WORKDIR /app',
    'COPY worker.mjs ./',
    'USER node',
    'CMD ["node", "worker.mjs"]',
    '',
  ].join('\n');
