import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { removeTemporaryFolders, temporaryFolder } from '../local/mini-assembly.js';

afterAll(removeTemporaryFolders);

/** The app as the CDK's command line runs it. */
function synth(context: Readonly<Record<string, unknown>>): { readonly said: string; readonly stacks: string[] } {
  const outdir = temporaryFolder();
  const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'] ?? '',
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [], ...context }),
    },
  });
  const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
  return { said: stderr, stacks: templates.map((file) => file.replace('.template.json', '')).sort() };
}

describe('bin/app.ts', () => {
  it('synthesizes the one example that -c example names', () => {
    expect(synth({ example: 'cross-account' }).stacks).toEqual([
      'cross-account-publisher',
      'cross-account-subscriber',
    ]);
  });

  it('rejects an example that does not exist, and names those that do', () => {
    const { said, stacks } = synth({ example: 'fanout' });
    expect(said).toContain('-c example must be one of fan-out, webhook-ingest,');
    expect(said).toContain('got "fanout"');
    expect(stacks).toEqual([]);
  });
});
