import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { TEMPLATES } from '../../../examples/catalogue.js';
import { FlightsStack } from '../../../examples/flights/stack.js';
import { GithubWebhooksStack } from '../../../examples/github-webhooks/stack.js';
import { POSTURE_CONTEXT, POSTURES } from '../../../lib/cdk/index.js';
import { checkApp } from './check-app.js';

const APPS: readonly (readonly [string, (app: App) => void])[] = [
  ...Object.entries(TEMPLATES).map(([name, { create }]) => [name, create] as const),
  ['github-webhooks', (app) => new GithubWebhooksStack(app, 'github-webhooks')],
];

/** A stream that goes with its stack is refused under posture `regulated`. */
const FLIGHTS: typeof APPS = [['flights', (app) => new FlightsStack(app, 'flights')]];

const CASES = Object.keys(POSTURES).flatMap((posture) =>
  [...APPS, ...(posture === 'regulated' ? [] : FLIGHTS)].map(
    ([name, create]) => [name, posture, create] as const,
  ),
);

describe('the checks', () => {
  it.each(CASES)('have nothing to say of the example %s under posture %s', (_name, posture, create) => {
    const outdir = mkdtempSync(join(tmpdir(), 'millrace-checks-'));
    const context = { [POSTURE_CONTEXT]: posture, 'aws:cdk:bundling-stacks': [] };
    const app = new App({
      outdir,
      analyticsReporting: false,
      builtinCloudFormationValidation: false,
      context,
    });
    create(app);
    expect(checkApp(app)).toEqual([]);
    rmSync(outdir, { recursive: true });
  });
});
