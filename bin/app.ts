import { App, Validations } from 'aws-cdk-lib';
import { MillraceChecks } from 'millrace/cdk';
import { FlightsStack } from '../examples/flights/stack.js';
import { GithubWebhooksStack } from '../examples/github-webhooks/stack.js';

// The app of cdk.json. No account and no region: one assembly for every place it is deployed to.
const app = new App();
Validations.of(app).addPlugins(new MillraceChecks());
new GithubWebhooksStack(app, 'github-webhooks');
new FlightsStack(app, 'flights');
