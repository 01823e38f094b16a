import { App, Validations } from 'aws-cdk-lib';
import { MillraceChecks } from 'millrace/cdk';
import { TEMPLATES } from '../examples/catalogue.js';
import { FlightsStack } from '../examples/flights/stack.js';
import { GithubWebhooksStack } from '../examples/github-webhooks/stack.js';
import { QuickstartStack } from '../examples/quickstart/stack.js';

// The app of cdk.json: the stacks of the demo, or with `-c example=<name>` one of the templates, or `all`. No account and
// no region: one assembly for every place it is deployed to.
const app = new App();
Validations.of(app).addPlugins(new MillraceChecks());

const wanted: unknown = app.node.tryGetContext('example');
if (wanted === undefined || wanted === 'all') {
  new GithubWebhooksStack(app, 'github-webhooks');
  new FlightsStack(app, 'flights');
}
if (wanted === 'all') new QuickstartStack(app, 'quickstart');
const chosen = Object.entries(TEMPLATES).filter(([name]) => wanted === name || wanted === 'all');
for (const [, { create }] of chosen) create(app);
if (wanted !== undefined && chosen.length === 0) {
  const names = [...Object.keys(TEMPLATES), 'all'].join(', ');
  throw new Error(`-c example must be one of ${names}, got ${JSON.stringify(wanted)}`);
}
