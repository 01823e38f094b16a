import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { objectOf, type StackTemplate } from './template-graph.js';

/**
 * A stack's template and those of the stacks nested in it, which the toolkit doesn't hand to plugins: they lie beside it.
 */
export function withNestedStacks(stack: Stack, template: StackTemplate): readonly StackTemplate[] {
  const nested = stack.node
    .findAll()
    .filter((construct): construct is Stack => Stack.isStack(construct))
    .filter(({ nestedStackParent }) => nestedStackParent === stack);
  return [
    template,
    ...nested.flatMap((inner) => {
      const templatePath = join(dirname(template.templatePath), inner.templateFile);
      const logicalId = inner.nestedStackResource?.logicalId;
      return withNestedStacks(inner, {
        ...template,
        templatePath,
        template: readTemplate(templatePath),
        nestedIn: { stack: template, logicalId: String(stack.resolve(logicalId)) },
      });
    }),
  ];
}

/** A template as the synth wrote it. */
export const readTemplate = (path: string): StackTemplate['template'] =>
  objectOf(JSON.parse(readFileSync(path, 'utf8')));
