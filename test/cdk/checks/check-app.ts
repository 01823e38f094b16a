import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { MillraceChecks, type MillraceChecksProps } from '../../../lib/cdk/index.js';

/** One finding, its words with logical ids without their hashes. */
export interface FoundViolation {
  readonly rule: string;
  readonly severity: string | undefined;
  readonly words: string;
}

/** What the checks say of an app's templates, without the printing that a synth does. */
export function checkApp(app: App, props?: MillraceChecksProps): readonly FoundViolation[] {
  const assembly = app.synth();
  const stackTemplates = assembly.stacksRecursively.map((stack) => {
    const templatePath = join(assembly.directory, stack.templateFile);
    return { ...UNKNOWN_ENVIRONMENT, stackConstructPath: stack.hierarchicalId, templatePath };
  });
  const { violations } = new MillraceChecks(props).validate({
    stackTemplates,
    templatePaths: stackTemplates.map(({ templatePath }) => templatePath),
    appConstruct: app,
  });
  return violations.map(({ ruleName, severity, description }) => ({
    rule: ruleName,
    severity,
    words: description.replace(/(?<=[A-Za-z])[0-9A-F]{8}\b/g, ''),
  }));
}

const UNKNOWN_ENVIRONMENT = { accountId: undefined, region: undefined };
