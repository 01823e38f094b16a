import { MillraceError } from '../core/errors.js';
import { glimpse, isList, isObject, type Json, type JsonObject } from './json.js';

/** A resource as its template declares it; intrinsics are not resolved yet. */
export interface TemplateResource {
  readonly type: string;
  readonly properties: JsonObject;
  /** Logical ids that must exist first, besides the ones the properties refer to. */
  readonly dependsOn: readonly string[];
  /** Name of the condition that decides whether the resource exists. @default - it always does */
  readonly condition?: string;
}

/** An output as its template declares it. */
export interface TemplateOutput {
  readonly value: Json;
  readonly exportName?: Json;
  readonly condition?: string;
}

/** The sections of a CloudFormation template that say what to create. */
export interface Template {
  /** Default values by parameter name; `undefined` where one has to be given. */
  readonly parameters: ReadonlyMap<string, Json | undefined>;
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  readonly outputs: ReadonlyMap<string, TemplateOutput>;
}

/**
 * Reads a template's JSON, checking the shape of every section that is used.
 * @param file named in errors
 * @throws {ASSEMBLY_INVALID} a section is not what CloudFormation defines: synthesize again
 */
export function parseTemplate(json: Json, file: string): Template {
  const refuse = (where: string, expected: string, got: Json | undefined): never => {
    throw new MillraceError(
      'ASSEMBLY_INVALID',
      `${file}: ${where} must be ${expected}, got ${glimpse(got)}; synthesize again with 'cdk synth'`,
    );
  };
  const object = (value: Json | undefined, where: string): JsonObject => {
    if (value === undefined) return {};
    return isObject(value) ? value : refuse(where, 'an object', value);
  };
  const entries = <T>(section: string, read: (value: JsonObject, where: string) => T): Map<string, T> => {
    const members = Object.entries(object(template[section], section));
    return new Map(
      members.map(([id, value]) => [id, read(object(value, `${section}.${id}`), `${section}.${id}`)]),
    );
  };

  const template = isObject(json) ? json : refuse('the template', 'an object', json);
  if (template.Resources === undefined) refuse('Resources', 'an object', undefined);
  return {
    parameters: entries('Parameters', (parameter) => parameter.Default),
    mappings: object(template.Mappings, 'Mappings'),
    conditions: object(template.Conditions, 'Conditions'),
    resources: entries('Resources', (resource, where) => ({
      type:
        typeof resource.Type === 'string' ? resource.Type : refuse(`${where}.Type`, 'text', resource.Type),
      properties: object(resource.Properties, `${where}.Properties`),
      dependsOn: readDependsOn(resource.DependsOn) ?? refuse(`${where}.DependsOn`, 'ids', resource.DependsOn),
      ...(typeof resource.Condition === 'string' && { condition: resource.Condition }),
    })),
    outputs: entries('Outputs', (output, where) => ({
      value: output.Value ?? refuse(`${where}.Value`, 'given', output.Value),
      ...(isObject(output.Export) && output.Export.Name !== undefined && { exportName: output.Export.Name }),
      ...(typeof output.Condition === 'string' && { condition: output.Condition }),
    })),
  };
}

function readDependsOn(value: Json | undefined): readonly string[] | undefined {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  const ids = isList(value) ? value.filter((id) => typeof id === 'string') : undefined;
  return ids !== undefined && isList(value) && ids.length === value.length ? ids : undefined;
}
