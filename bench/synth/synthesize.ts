import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';

/** Makes the stack of one side in an app. */
export type Define = (app: App) => Stack;

/** `whole`: as the CLI has it done; `bare`: without aws-cdk-lib's own validation of the templates, which outweighs all else. */
export type Depth = 'whole' | 'bare';

/** Synthesises one app to disk, but for the bundling of functions, which is esbuild's work on both sides. */
export function synthesize(define: Define, depth: Depth): void {
  const outdir = mkdtempSync(path.join(tmpdir(), 'millrace-synth-'));
  try {
    const app = new App({
      analyticsReporting: false,
      builtinCloudFormationValidation: depth === 'whole',
      context: { 'aws:cdk:bundling-stacks': [] },
      outdir,
    });
    define(app);
    app.synth();
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
