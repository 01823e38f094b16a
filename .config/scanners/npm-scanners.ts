import { CloudFormationValidatePlugin, type IPolicyValidationPlugin } from 'aws-cdk-lib';
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  NIST80053R4Checks,
  NIST80053R5Checks,
  PCIDSS321Checks,
} from 'cdk-nag';
import { MillraceChecks } from '../../lib/cdk/index.js';
import type { Finding, Scanner } from './findings.js';
import { resourceIn, type ScannedApp } from './scanned-app.js';

/** The scanners that come from npm: all are validation plugins of aws-cdk-lib. */
const PLUGINS: readonly (readonly [Scanner, () => Pick<IPolicyValidationPlugin, 'validate'>])[] = [
  ['cdk-nag AwsSolutions', () => new AwsSolutionsChecks()],
  ['cdk-nag HIPAA Security', () => new HIPAASecurityChecks()],
  ['cdk-nag NIST 800-53 R4', () => new NIST80053R4Checks()],
  ['cdk-nag NIST 800-53 R5', () => new NIST80053R5Checks()],
  ['cdk-nag PCI DSS 3.2.1', () => new PCIDSS321Checks()],
  ['aws-cdk-lib validation', () => new CloudFormationValidatePlugin()],
  ['MillraceChecks', () => new MillraceChecks()],
];

/** Scanners that need npm only. */
export const NPM_SCANNERS: readonly Scanner[] = PLUGINS.map(([scanner]) => scanner);

/** What the scanners from npm say of the cases. */
export function scanWithNpm(scanned: ScannedApp): readonly Finding[] {
  return PLUGINS.flatMap(([scanner, create]) =>
    create()
      .validate(scanned.context)
      .violations.flatMap(({ ruleName, description, violatingResources }) =>
        violatingResources.flatMap(({ constructPath, resourceLogicalId, templatePath }) =>
          scanned.locate(constructPath ?? resourceIn(templatePath ?? '', resourceLogicalId ?? ''), {
            scanner,
            rule: ruleName,
            words: description,
          }),
        ),
      ),
  );
}
