import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const SYNTH_PATIENCE_MS = 120_000;

/** `cdk synth` with the app of cdk.json into `output`, by the CLI that users run. */
export async function synthesize(output: string): Promise<void> {
  const cli = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  const args = [cli, 'synth', '--quiet', '--no-notices', '--no-version-reporting', '--output', output];
  const environment = { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true' };
  try {
    await promisify(execFile)(process.execPath, args, { env: environment, timeout: SYNTH_PATIENCE_MS });
  } catch (cause) {
    const said =
      typeof cause === 'object' && cause !== null && 'stderr' in cause
        ? String(cause.stderr).trim()
        : String(cause);
    throw new Error(`cdk synth failed, so there is nothing to deploy:\n${said}`, { cause });
  }
}
