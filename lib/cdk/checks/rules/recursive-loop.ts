import type { CheckRule } from '../check-rule.js';
import { mappingsOf } from '../messaging-facts.js';

/** A function that feeds itself is stopped. */
export const recursiveLoop: CheckRule = {
  id: 'recursive-loop',
  severity: 'warning',
  title: 'A function that feeds itself is stopped',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html',
  check: (graph) =>
    [...new Set(mappingsOf(graph, 'AWS::SQS::Queue').map(({ worker }) => worker))].flatMap((worker) =>
      worker?.properties['RecursiveLoop'] !== 'Allow'
        ? []
        : [
            {
              resource: worker,
              location: 'Properties/RecursiveLoop',
              problem:
                'works on a queue and may run in a loop: a message that it sends to itself by way of queues and topics comes back for ever, at your cost',
              fix: 'leave RecursiveLoop out (Lambda then stops a loop after 16 turns), or bound the turns in the message',
            },
          ],
    ),
};
