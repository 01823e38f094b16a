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
import { readTemplate, withNestedStacks } from './nested-stacks.js';
import { TOLD_METADATA } from '../told-findings.js';
import { listOf, TemplateGraph, type StackTemplate, type TemplateResource } from './template-graph.js';

/** Properties of {@link MillraceChecks}. */
export interface MillraceChecksProps {
  /**
   * Ids of rules that are not run.
   *
   * @default - all rules are run
   */
  readonly skip?: readonly string[];

  /**
   * Whether warnings fail the synth too, also those that a construct of ours gives already.
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

  /** Judges all templates of the app together. CDK calls it at the end of synth. */
  validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const graph = new TemplateGraph(readStacks(context));
    const found = this.rules
      .flatMap((rule) => rule.check(graph).map((finding) => ({ rule, finding })))
      .filter((one) => this.isStrict || !isTold(one));
    const violations = byResource(found).map(violationOf);
    const failing = violations.filter(({ severity }) => this.isStrict || severity === 'error');
    return { success: failing.length === 0, violations };
  }
}

interface Found {
  readonly rule: CheckRule;
  readonly finding: Finding;
}

/** Whether a construct has warned of it, under an id that it can be acknowledged by. Errors are said in any case. */
const isTold = ({ rule, finding }: Found): boolean =>
  rule.severity === 'warning' && listOf(finding.resource.metadata[TOLD_METADATA]).includes(rule.id);

/** Resource by resource: who mends a queue wants to see all of it. What two subscriptions have in common is said once. */
function byResource(found: readonly Found[]): readonly Found[] {
  const groups = new Map<TemplateResource, Map<string, Found>>();
  for (const each of found) {
    const { rule, finding } = each;
    const group = groups.get(finding.resource) ?? new Map<string, Found>();
    groups.set(finding.resource, group.set(`${rule.id} ${finding.location} ${finding.problem}`, each));
  }
  return [...groups.values()].flatMap((group) => [...group.values()]);
}

function violationOf({ rule, finding }: Found): PolicyViolation {
  const { resource, location, problem, fix } = finding;
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
  return stackTemplates.flatMap(({ templatePath, stackConstructPath, accountId, region }) => {
    const stack = stackAt(appConstruct, stackConstructPath);
    const template = {
      templatePath,
      template: readTemplate(templatePath),
      // The path stands in where the construct can't be found.
      stackName: stack?.stackName ?? stackConstructPath,
      accountId,
      region,
    };
    return stack === undefined ? [template] : withNestedStacks(stack, template);
  });
}

function stackAt(app: IConstruct, path: string): Stack | undefined {
  let found: IConstruct | undefined = app;
  for (const id of path.split('/')) found = found?.node.tryFindChild(id);
  return found !== undefined && Stack.isStack(found) ? found : undefined;
}
