import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { objectOf, type StackTemplate } from './template-graph.js';

/** A stack and the stacks nested in it. The toolkit doesn't hand those to plugins, but their templates lie beside its own. */
export function withNestedStacks(stack: StackTemplate): readonly StackTemplate[] {
  const nested = Object.entries(objectOf(stack.template['Resources'])).flatMap(([logicalId, body]) => {
    const { Type, Metadata } = objectOf(body);
    const asset = objectOf(Metadata)['aws:asset:path'];
    if (Type !== 'AWS::CloudFormation::Stack' || typeof asset !== 'string') return [];
    const templatePath = join(dirname(stack.templatePath), asset);
    if (!existsSync(templatePath)) return [];
    const template = objectOf(JSON.parse(readFileSync(templatePath, 'utf8')));
    return withNestedStacks({ ...stack, templatePath, template, nestedIn: { stack, logicalId } });
  });
  return [stack, ...nested];
}
