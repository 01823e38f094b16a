import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { UNKNOWN_ACCOUNT, UNKNOWN_REGION, type CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { MillraceChecks, type MillraceChecksProps } from '../../../lib/cdk/index.js';

/** One finding, its words with logical ids without their hashes. */
export interface FoundViolation {
  readonly rule: string;
  readonly severity: string | undefined;
  readonly words: string;
  readonly fix: string;
}

/** What the checks say of an app's templates, without the printing that a synth does. */
export function checkApp(app: App, props?: MillraceChecksProps): readonly FoundViolation[] {
  const assembly = app.synth();
  const stackTemplates = assembly.stacksRecursively.map((stack) => {
    const templatePath = join(assembly.directory, stack.templateFile);
    return { ...environmentOf(stack), stackConstructPath: stack.hierarchicalId, templatePath };
  });
  const { violations } = new MillraceChecks(props).validate({
    stackTemplates,
    templatePaths: stackTemplates.map(({ templatePath }) => templatePath),
    appConstruct: app,
  });
  return violations.map(({ ruleName, severity, description, fix = '' }) => ({
    rule: ruleName,
    severity,
    words: withoutHashes(description),
    fix: withoutHashes(fix),
  }));
}

const withoutHashes = (text: string): string => text.replace(/(?<=[A-Za-z])[0-9A-F]{8}\b/g, '');

/** As aws-cdk-lib hands it to plugins: what is not said is undefined. */
const environmentOf = ({ environment }: CloudFormationStackArtifact) => ({
  accountId: environment.account === UNKNOWN_ACCOUNT ? undefined : environment.account,
  region: environment.region === UNKNOWN_REGION ? undefined : environment.region,
});
