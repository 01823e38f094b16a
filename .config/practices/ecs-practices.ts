import { byConstruct, byRule, byRuntime, leftOpen, practice, type Practice } from './practice.js';

const WORKER = 'test/cdk/workers/queue-fargate-worker.test.ts';
const SCANNERS = 'nothing of messages hangs on it, and scanners look for it';

/** Practices on workers on ECS. */
export const ECS_PRACTICES: readonly Practice[] = [
  practice(
    'ECS-01',
    'As many tasks as messages wait for each',
    byRule('worker-scaling'),
    byConstruct(
      'tracks it',
      `${WORKER} › tracks the messages that wait for each running task, outwards only`,
    ),
    leftOpen('no rule against steps by depth: they work, if less well'),
  ),
  practice(
    'ECS-02',
    'The target is the acceptable latency by the time a message takes',
    byConstruct(
      'computes it',
      `${WORKER} › tracks the messages that wait for each running task, outwards only`,
    ),
    leftOpen('no rule: neither figure is in a template'),
  ),
  practice(
    'ECS-03',
    'Tasks go only when little waits and little is in flight',
    byRule('worker-scale-in'),
    byConstruct(
      'looks at both',
      `${WORKER} › scales in by what waits and what is in flight, when the rest of the tasks could carry it`,
    ),
  ),
  practice(
    'ECS-04',
    'No policy on CPU pulls against the queue’s',
    byRule('worker-scaling'),
    byConstruct(
      'CPU only adds, and only when asked',
      `${WORKER} › looks at CPU only when asked, and takes no task away by it`,
    ),
  ),
  practice(
    'ECS-05',
    'The first task is started by a step',
    byRule('worker-from-zero'),
    byConstruct('does', `${WORKER} › starts the first task by a step, where there may be none`),
  ),
  practice(
    'ECS-06',
    'Long jobs protect their task',
    byConstruct(
      'gives the right, and warns of long handlers without it',
      `${WORKER} › may protect its tasks, those of its cluster only`,
      `${WORKER} › warns of handlers that outlive the stop, unless their task can be protected`,
    ),
    leftOpen('no rule: how long a job takes is not in a template'),
  ),
  practice(
    'ECS-07',
    'Killed after the drain, and within the 120 s of Fargate',
    byRule('worker-stop', 'worker-stop-limit'),
    byConstruct('5 s after it', `${WORKER} › kills a task 5 seconds after the drain it is told of`),
  ),
  practice(
    'ECS-08',
    'A message stays hidden while it is worked on',
    byRuntime('renews it', 'test/runtime/sqs/worker.test.ts › extends visibility until the handler settles'),
    leftOpen('no rule for programs of others: whether they renew is in their code'),
  ),
  practice(
    'ECS-09',
    'A deployment that fails is rolled back, and takes no capacity away',
    byRule('fargate-spot'),
    byConstruct(
      'both',
      `${WORKER} › runs a service that rolls back by itself and takes no capacity away while it deploys`,
    ),
    leftOpen(`no rule: ${SCANNERS}`),
  ),
  practice(
    'ECS-10',
    'Logs have a retention',
    byConstruct('a month', `${WORKER} › keeps a month of logs, or writes to the group it is given`),
    leftOpen(`no rule: ${SCANNERS}`),
  ),
  practice(
    'ECS-11',
    'Settings come from elsewhere than the environment',
    byConstruct(
      'secrets come from Secrets Manager; bindings hold names, and no secret',
      `${WORKER} › reads the secrets it is given`,
    ),
    leftOpen('no rule: scanners that ask for it find every queue’s URL'),
  ),
  practice(
    'ECS-12',
    'Container Insights are on',
    byConstruct(
      'needs none: tasks are counted by a free metric',
      `${WORKER} › counts running tasks by ECS’s free samples`,
    ),
    leftOpen('no rule: a matter of money, on a cluster that is not ours'),
  ),
  practice(
    'ECS-13',
    'A root file system that can’t be written to, no rights over the host',
    byConstruct(
      'does',
      `${WORKER} › gives the container the binding, a kill after the drain, and a disk it can’t write to`,
    ),
    leftOpen(`no rule: ${SCANNERS}`),
  ),
  practice(
    'ECS-14',
    'No public address; endpoints where there is no way out',
    byConstruct(
      'private subnets, and warns of missing endpoints',
      `${WORKER} › lets HTTPS out and nobody in`,
      `${WORKER} › warns of the endpoints that isolated subnets need`,
    ),
    leftOpen('no rule: routes of imported networks are not in a template'),
  ),
];
