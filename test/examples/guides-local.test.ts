import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { buildOnce, expectSameTemplate } from '../../examples/guides/local.js';
import { QuickstartStack } from '../../examples/quickstart/stack.js';

describe('the guide to local runs', () => {
  it('deploys the stack, publishes to its topic and builds what arrives in its queue', async () => {
    const outdir = mkdtempSync(join(tmpdir(), 'millrace-local-guide-'));
    const app = new App({ outdir, analyticsReporting: false });
    new QuickstartStack(app, 'quickstart');
    app.synth();
    await expect(buildOnce(outdir)).resolves.toEqual(['refs/heads/main']);
    rmSync(outdir, { recursive: true });
  });

  it('keeps a template in a snapshot, without the hashes of its assets', () => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Shop');
    new LambdaFunction(stack, 'Worker', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'records.handler',
      code: Code.fromAsset('examples/flights'),
    });
    expectSameTemplate(stack);
  });
});
