import type { CheckRule } from '../check-rule.js';
import { intrinsicOf, listOf, objectOf, type Json } from '../template-graph.js';

/** Bytes of all environment variables of a function together, names included. */
const MAX_BYTES = 4_096;

/** Bindings fit into the environment of their function. */
export const lambdaEnvironment: CheckRule = {
  id: 'lambda-environment',
  severity: 'error',
  title: 'Bindings fit into the environment of their function',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
  check: (graph) =>
    graph.ofType('AWS::Lambda::Function').flatMap((resource) => {
      const variables = objectOf(objectOf(resource.properties['Environment'])['Variables']);
      const isBound = Object.keys(variables).some((name) => name.startsWith('MILLRACE_'));
      const bytes = Object.entries(variables).reduce(
        (sum, [name, value]) => sum + name.length + leastBytes(value),
        0,
      );
      if (!isBound || bytes <= MAX_BYTES) return [];
      return [
        {
          resource,
          location: 'Properties/Environment',
          problem: `has ${bytes} bytes of environment variables before the deployment fills in its names, Lambda takes ${MAX_BYTES}: the deployment fails`,
          fix: 'let the queue take fewer message types (fanOutTo with messages), or give the binding another way, such as a parameter',
        },
      ];
    }),
};

/** What is in the template already; names that the deployment makes come on top. */
function leastBytes(value: Json): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  const [intrinsic, argument] = intrinsicOf(value);
  if (intrinsic !== 'Fn::Join') return 0;
  return listOf(listOf(argument)[1]).reduce<number>((sum, part) => sum + leastBytes(part), 0);
}
