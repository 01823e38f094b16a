// Shared by the stack and the services. Nothing of AWS is imported here.
import { defineMessage } from 'millrace/contract';
import { z } from 'zod';

/** Every event GitHub's REST webhooks send. https://docs.github.com/webhooks/webhook-events-and-payloads */
export const EVENTS = [
  ...[
    'branch_protection_rule',
    'check_run',
    'check_suite',
    'code_scanning_alert',
    'commit_comment',
    'create',
  ],
  ...['delete', 'dependabot_alert', 'deploy_key', 'deployment', 'deployment_review', 'deployment_status'],
  ...['discussion', 'discussion_comment', 'fork', 'github_app_authorization', 'gollum', 'installation'],
  ...['installation_repositories', 'issue_comment', 'issues', 'label', 'marketplace_purchase', 'member'],
  ...['membership', 'merge_group', 'meta', 'milestone', 'org_block', 'organization', 'package', 'page_build'],
  ...['ping', 'project', 'project_card', 'project_column', 'projects_v2_item', 'public', 'pull_request'],
  ...['pull_request_review', 'pull_request_review_comment', 'pull_request_review_thread', 'push', 'release'],
  ...['repository', 'repository_dispatch', 'repository_import', 'repository_vulnerability_alert'],
  ...['security_advisory', 'sponsorship', 'star', 'status', 'team', 'team_add', 'watch'],
  ...['workflow_dispatch', 'workflow_job', 'workflow_run'],
] as const;

const BUILD_EVENTS: readonly string[] = ['push', 'workflow_dispatch', 'workflow_job', 'workflow_run'];
const TRIAGE_EVENTS = /^(issue|pull_request)/;

/** One webhook delivery: GitHub's own delivery id, what it is about, and the payload as GitHub sent it. */
const delivery = z.object({
  delivery: z.string().min(1).max(128),
  event: z.string(),
  /** `owner/name`, or the organization or account where the event is about no repository. */
  subject: z.string().min(1).max(128),
  payload: z.looseObject({}),
});

const webhook = (event: string) =>
  defineMessage(`github.${event}`, {
    schema: delivery,
    id: (webhook) => webhook.delivery,
    group: (webhook) => webhook.subject,
    attributes: (webhook) => ({ subject: webhook.subject }),
  });

/** One message type per event. */
export type WebhookMessage = ReturnType<typeof webhook>;

const byEvent: ReadonlyMap<string, WebhookMessage> = new Map(EVENTS.map((event) => [event, webhook(event)]));

/** All 58 types. */
export const webhooks: readonly WebhookMessage[] = [...byEvent.values()];

/** What builds react to: pushes and workflow runs. */
export const buildWebhooks = webhooks.filter((message) => BUILD_EVENTS.includes(eventOf(message)));

/** What people triage: issues and pull requests, with their comments and reviews. */
export const triageWebhooks = webhooks.filter((message) => TRIAGE_EVENTS.test(eventOf(message)));

/** The message type of an event name, or undefined for an event GitHub does not send. */
export const webhookOf = (event: string): WebhookMessage | undefined => byEvent.get(event);

function eventOf(message: WebhookMessage): string {
  return message.name.slice('github.'.length);
}
