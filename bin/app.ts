import { App } from 'aws-cdk-lib';
import { FlightsStack } from '../examples/flights/stack.js';
import { GithubWebhooksStack } from '../examples/github-webhooks/stack.js';

// The app of cdk.json. No account and no region: one assembly for every place it is deployed to.
const app = new App();
new GithubWebhooksStack(app, 'github-webhooks');
new FlightsStack(app, 'flights');
