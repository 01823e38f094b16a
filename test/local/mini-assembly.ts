import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A stack of a hand-written assembly. */
export interface MiniStack {
  readonly template: object;
  readonly dependencies?: readonly string[];
  readonly environment?: string;
  readonly stackName?: string;
  readonly metadata?: object;
}

const folders: string[] = [];

/** Writes an assembly of the given stacks, as `cdk synth` would, and gives its folder. */
export function writeAssembly(stacks: Readonly<Record<string, MiniStack>>): string {
  const directory = temporaryFolder();
  const artifacts = Object.entries(stacks).map(([id, stack]) => {
    writeFileSync(path.join(directory, `${id}.template.json`), JSON.stringify(stack.template));
    const properties = {
      templateFile: `${id}.template.json`,
      ...(stack.stackName && { stackName: stack.stackName }),
    };
    const environment = stack.environment ?? 'aws://unknown-account/unknown-region';
    const { dependencies = [], metadata } = stack;
    return [id, { type: 'aws:cloudformation:stack', environment, properties, dependencies, metadata }];
  });
  writeFileSync(
    path.join(directory, 'manifest.json'),
    JSON.stringify({ version: '55.0.0', artifacts: Object.fromEntries(artifacts) as object }),
  );
  return directory;
}

/** A new empty folder, deleted by {@link removeTemporaryFolders}. */
export function temporaryFolder(): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'millrace-assembly-'));
  mkdirSync(directory, { recursive: true });
  folders.push(directory);
  return directory;
}

/** Deletes what {@link temporaryFolder} made. */
export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
