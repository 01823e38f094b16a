import { payloadDays, SNS_RETRY_DAYS } from '../../../core/claim-check/retention.js';
import { CLAIM_CHECK_METADATA } from '../../claim-check/claim-check-bucket.js';
import type { CheckRule, Finding } from '../check-rule.js';
import { queueFacts, subscriptionsOf, type QueueFacts } from '../messaging-facts.js';
import { listOf, numberOf, objectOf, type TemplateGraph, type TemplateResource } from '../template-graph.js';

/** Payloads outlive the messages that point to them. */
export const claimCheckLifecycle: CheckRule = {
  id: 'claim-check-lifecycle',
  severity: 'warning',
  title: 'Payloads of claim checks outlive the messages that point to them',
  doc: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html',
  check: (graph) => [
    ...graph
      .ofType('AWS::SQS::Queue')
      .flatMap((queue) => judge(graph, queue, { queue: queueFacts(graph, queue), moreDays: 0 })),
    ...subscriptionsOf(graph).flatMap(({ topic, queue, redrive }) => {
      if (topic === undefined || queue === undefined) return [];
      const failed = redrive?.target && queueFacts(graph, redrive.target).retentionSeconds;
      const moreDays = SNS_RETRY_DAYS + Math.ceil((failed ?? 0) / DAY_SECONDS);
      return judge(graph, topic, { queue: queueFacts(graph, queue), moreDays });
    }),
  ],
};

const DAY_SECONDS = 86_400;

/** Holds the days of the bucket that `pointing` names against what the messages in `queue` need. */
function judge(
  graph: TemplateGraph,
  pointing: TemplateResource,
  { queue, moreDays }: { readonly queue: QueueFacts; readonly moreDays: number },
): Finding[] {
  const bucket = graph.follow(pointing.metadata[CLAIM_CHECK_METADATA], pointing.stack);
  const kept = bucket && daysKept(bucket);
  const deadLetters = queue.redrive?.target && queueFacts(graph, queue.redrive.target);
  const [queueSeconds, deadLetterSeconds] = [queue.retentionSeconds, deadLetters?.retentionSeconds ?? 0];
  if (bucket === undefined || kept === undefined || queueSeconds === undefined) return [];
  const needed = payloadDays({ queueSeconds, deadLetterSeconds }) + moreDays;
  if (kept >= needed) return [];
  return [
    {
      resource: bucket,
      location: 'Properties/LifecycleConfiguration',
      problem: `deletes payloads after ${kept} days, and messages of ${pointing.logicalId} in ${queue.resource.logicalId} can point to them for ${needed}`,
      fix: `set expireAfter: Duration.days(${needed}) on claimCheck, or shorten the retention of the queue and its dead-letter queue`,
    },
  ];
}

/** The shortest life a rule gives; undefined when objects stay, or only the deployment knows. */
function daysKept({ properties }: TemplateResource): number | undefined {
  const rules = listOf(objectOf(properties['LifecycleConfiguration'])['Rules']).map(objectOf);
  const days = rules
    .filter(({ Status }) => Status === 'Enabled')
    .flatMap(({ ExpirationInDays }) => numberOf(ExpirationInDays, Infinity) ?? []);
  const least = Math.min(...days);
  return Number.isFinite(least) ? least : undefined;
}
