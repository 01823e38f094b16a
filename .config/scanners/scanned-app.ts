import path from 'node:path';
import { CfnResource, type App, type IPolicyValidationContext } from 'aws-cdk-lib';
import { createScannedApp, FOREIGN, type ScannedStack } from './cases.js';
import type { Finding } from './findings.js';

interface ScannedResource {
  readonly scanned: ScannedStack;
  /** Construct path without the stack and the trailing `Resource`. */
  readonly path: string;
}

/** The cases, synthesised: what every scanner is given. */
export class ScannedApp {
  /** What aws-cdk-lib hands to validation plugins. */
  readonly context: IPolicyValidationContext;

  private readonly resources: ReadonlyMap<string, ScannedResource>;

  constructor() {
    const { app, stacks } = createScannedApp();
    this.context = contextOf(app);
    this.resources = new Map(stacks.flatMap(entriesOf));
  }

  /**
   * Says which case and construct a finding is about. Findings on what the app brings along itself are left out.
   * @param name construct path, or what `resourceIn` makes of template and logical id
   */
  locate(name: string, said: Pick<Finding, 'scanner' | 'rule' | 'words'>): readonly Finding[] {
    const known = this.resources.get(name);
    if (known === undefined)
      throw new Error(
        `${said.scanner} names a resource that is not there: ${name} (${said.rule}: ${said.words})`,
      );
    const { scanned, path: resource } = known;
    if (isForeign(resource)) return [];
    return [{ ...said, posture: scanned.posture, construct: scanned.name, resource }];
  }
}

/** How scanners of templates name a resource. */
export const resourceIn = (templatePath: string, logicalId: string): string =>
  `${path.basename(templatePath)}#${logicalId}`;

/** Our subscription of a foreign queue stands beside that queue, and is ours all the same. */
const isForeign = (resource: string): boolean =>
  resource.startsWith(`${FOREIGN}/`) && !resource.includes('/FromEvents');

function contextOf(app: App): IPolicyValidationContext {
  const stackTemplates = app.synth().stacks.map(({ hierarchicalId, templateFullPath }) => ({
    stackConstructPath: hierarchicalId,
    templatePath: templateFullPath,
    // The cases are made for no account in particular.
    accountId: undefined,
    region: undefined,
  }));
  return {
    appConstruct: app,
    stackTemplates,
    templatePaths: stackTemplates.map(({ templatePath }) => templatePath),
  };
}

function entriesOf(scanned: ScannedStack): readonly (readonly [string, ScannedResource])[] {
  const { stack } = scanned;
  return stack.node
    .findAll()
    .filter((construct) => CfnResource.isCfnResource(construct))
    .flatMap((construct) => {
      const resource = construct.node.path.slice(stack.node.path.length + 1).replace(/\/Resource$/, '');
      const known = { scanned, path: resource };
      return [
        [construct.node.path, known] as const,
        [resourceIn(stack.templateFile, stack.getLogicalId(construct)), known] as const,
      ];
    });
}
