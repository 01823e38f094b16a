import type { CheckRule } from '../check-rule.js';
import { keyUsesOf } from '../key-facts.js';
import type { TemplateResource } from '../template-graph.js';

/** A key stays as long as what it encrypts. */
export const keyRemoval: CheckRule = {
  id: 'key-removal',
  severity: 'warning',
  title: 'A key stays as long as what it encrypts',
  doc: 'https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html',
  check: (graph) =>
    keyUsesOf(graph)
      .filter(({ key, encrypted }) => stays(encrypted) && !stays(key))
      .map(({ key, encrypted }) => ({
        resource: key,
        location: 'DeletionPolicy',
        problem: `is deleted with its stack, and ${encrypted.logicalId} stays: nobody can read what is in it any more`,
        fix: "set DeletionPolicy: 'Retain' on the key (removalPolicy: RemovalPolicy.RETAIN)",
      })),
};

const stays = ({ deletionPolicy }: TemplateResource): boolean =>
  deletionPolicy?.startsWith('Retain') === true;
