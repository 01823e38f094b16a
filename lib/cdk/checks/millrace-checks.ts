import { readFileSync } from 'node:fs';
import {
  Stack,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  type PolicyViolation,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuseAll } from '../../core/errors.js';
import { choiceViolations, unknownNames } from '../../core/options.js';
import type { CheckRule, Finding } from './check-rule.js';
import { CHECK_RULES } from './check-rules.js';
import { objectOf, TemplateGraph, type StackTemplate } from './template-graph.js';

/** Properties of {@link MillraceChecks}. */
export interface MillraceChecksProps {
  /**
   * Ids of rules that are not run.
   *
   * @default - all rules are run
   */
  readonly skip?: readonly string[];

  /**
   * Whether warnings fail the synth too.
   *
   * @default false
   */
  readonly strict?: boolean;
}

/**
 * Proves at synth that messages can travel: from the topic through policies and keys into the queue, to a worker that has
 * the time it needs, to a dead-letter queue that keeps them, to an alarm that can be heard. Judges every queue, topic,
 * stream and alarm of the app, whoever made it, over all its stacks.
 *
 * What can't work is an error and fails the synth; the rest are warnings. Both can be acknowledged where they stand:
 * `Validations.of(queue).acknowledge({ id: 'Millrace::dead-letter-retention', reason: '…' })`.
 *
 * @example
 * Validations.of(app).addPlugins(new MillraceChecks());
 */
export class MillraceChecks implements IPolicyValidationPlugin {
  /** Prefix of the rules' ids. */
  readonly name = 'Millrace';

  /** Ids of the rules that are run. */
  readonly ruleIds: string[];

  private readonly rules: readonly CheckRule[];
  private readonly isStrict: boolean;

  /** @throws {INVALID_OPTIONS} a rule to skip that does not exist */
  constructor(props: MillraceChecksProps = {}) {
    const known = CHECK_RULES.map(({ id }) => id);
    refuseAll("MillraceChecks can't be used", [
      ...unknownNames(props, ['skip', 'strict']),
      ...(props.skip ?? []).flatMap((id) => choiceViolations('skip', id, known)),
    ]);
    this.rules = CHECK_RULES.filter(({ id }) => props.skip?.includes(id) !== true);
    this.ruleIds = this.rules.map(({ id }) => id);
    this.isStrict = props.strict ?? false;
  }

  validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const graph = new TemplateGraph(readStacks(context));
    const violations = this.rules.flatMap((rule) =>
      rule.check(graph).map((finding) => violationOf(rule, finding)),
    );
    const failing = violations.filter(({ severity }) => this.isStrict || severity === 'error');
    return { success: failing.length === 0, violations };
  }
}

function violationOf(rule: CheckRule, { resource, location, problem, fix }: Finding): PolicyViolation {
  return {
    ruleName: rule.id,
    severity: rule.severity,
    description: `${rule.title}, but this ${problem}`,
    fix: `${fix} (${rule.doc})`,
    violatingResources: [
      {
        resourceLogicalId: resource.logicalId,
        templatePath: resource.stack.templatePath,
        locations: [location],
      },
    ],
    ruleMetadata: { doc: rule.doc },
  };
}

function readStacks({ stackTemplates, appConstruct }: IPolicyValidationContext): readonly StackTemplate[] {
  return stackTemplates.map(({ templatePath, stackConstructPath, accountId }) => ({
    templatePath,
    template: objectOf(JSON.parse(readFileSync(templatePath, 'utf8'))),
    stackName: stackNameAt(appConstruct, stackConstructPath),
    accountId,
  }));
}

/** The name that references between stacks use; the path stands in where the construct can't be found. */
function stackNameAt(app: IConstruct, path: string): string {
  let found: IConstruct | undefined = app;
  for (const id of path.split('/')) found = found?.node.tryFindChild(id);
  return found !== undefined && Stack.isStack(found) ? found.stackName : path;
}
