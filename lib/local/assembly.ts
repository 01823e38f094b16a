import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MillraceError } from '../core/errors.js';
import { orderByNeed } from './dependency-order.js';
import { asText, glimpse, isList, isObject, type Json, type JsonObject } from './json.js';
import { parseTemplate, type Template } from './template.js';

/** One stack of a cloud assembly. */
export interface AssemblyStack {
  /** Id of its artifact in the manifest: what other artifacts depend on. */
  readonly id: string;
  /** Name CloudFormation would give it. */
  readonly name: string;
  /** The name the CDK shows, e.g. `Stage/Stack`. */
  readonly displayName: string;
  /** Account and region it was synthesized for. @default - it fits any */
  readonly account?: string;
  readonly region?: string;
  /** Ids of the stacks that have to be deployed before. */
  readonly dependencies: readonly string[];
  /** Template file, as errors name it. */
  readonly file: string;
  readonly template: Template;
  /** Construct path by logical id, where the assembly tells it. */
  readonly paths: ReadonlyMap<string, string>;
}

/** A synthesized CDK app: its stacks, each after those it depends on. */
export interface Assembly {
  readonly directory: string;
  readonly stacks: readonly AssemblyStack[];
}

/**
 * Reads a cloud assembly (`cdk.out`), nested assemblies of stages included. Only the files' own JSON is used, so that
 * neither aws-cdk-lib nor the CLI is needed, and an assembly of any 2.x version can be read.
 * @throws {ASSEMBLY_INVALID} the directory or a file of it is missing, no JSON, or not of the shape CDK writes
 * @see https://docs.aws.amazon.com/cdk/v2/guide/deploy.html (cloud assemblies; read 2026-11-22)
 */
export function readAssembly(directory: string): Assembly {
  const stacks = readStacks(directory);
  if (stacks.length === 0) {
    throw new MillraceError(
      'ASSEMBLY_INVALID',
      `${path.join(directory, 'manifest.json')}: the assembly holds no stack; add a stack to the app and synthesize again`,
    );
  }
  const order = orderByNeed(new Map(stacks.map((stack) => [stack.id, stack.dependencies])));
  if (order.kind === 'cycle') {
    throw new MillraceError(
      'ASSEMBLY_INVALID',
      `${path.join(directory, 'manifest.json')}: stacks depend on each other in a circle: ${order.ids.join(' → ')}; break one of these dependencies`,
    );
  }
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  return { directory, stacks: order.ids.flatMap((id) => byId.get(id) ?? []) };
}

function readStacks(directory: string): AssemblyStack[] {
  const file = path.join(directory, 'manifest.json');
  const manifest = readJson(file, "give the folder that 'cdk synth' writes, cdk.out by default");
  if (!isObject(manifest) || !isObject(manifest.artifacts)) {
    throw new MillraceError(
      'ASSEMBLY_INVALID',
      `${file}: no cloud assembly manifest, it has no 'artifacts'; synthesize again with 'cdk synth'`,
    );
  }
  return Object.entries(manifest.artifacts).flatMap(([id, artifact]) => {
    if (!isObject(artifact)) return [];
    const properties = isObject(artifact.properties) ? artifact.properties : {};
    if (artifact.type === 'cdk:cloud-assembly') {
      return readStacks(path.join(directory, textOf(properties, 'directoryName', `${file}: ${id}`)));
    }
    return artifact.type === 'aws:cloudformation:stack' ? [readStack(directory, id, artifact)] : [];
  });
}

function readStack(directory: string, id: string, artifact: JsonObject): AssemblyStack {
  const where = `${path.join(directory, 'manifest.json')}: ${id}`;
  const properties = isObject(artifact.properties) ? artifact.properties : {};
  const file = path.join(directory, textOf(properties, 'templateFile', where));
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(asText(artifact.environment) ?? '') ?? [];
  return {
    id,
    name: typeof properties.stackName === 'string' ? properties.stackName : id,
    displayName: typeof artifact.displayName === 'string' ? artifact.displayName : id,
    ...(account !== undefined && account !== 'unknown-account' && { account }),
    ...(region !== undefined && region !== 'unknown-region' && { region }),
    dependencies: isList(artifact.dependencies)
      ? artifact.dependencies.filter((dependency) => typeof dependency === 'string')
      : [],
    file,
    template: parseTemplate(readJson(file, "synthesize again with 'cdk synth'"), file),
    paths: readPaths(directory, artifact),
  };
}

/** Construct paths stand in the manifest, or since 2025 in a file of their own; without them logical ids have to do. */
function readPaths(directory: string, artifact: JsonObject): ReadonlyMap<string, string> {
  const metadata =
    typeof artifact.additionalMetadataFile === 'string'
      ? readJson(path.join(directory, artifact.additionalMetadataFile), "synthesize again with 'cdk synth'")
      : artifact.metadata;
  if (!isObject(metadata)) return new Map();
  return new Map(
    Object.entries(metadata).flatMap(([constructPath, entries]) =>
      (isList(entries) ? entries : []).flatMap((entry): (readonly [string, string])[] =>
        isObject(entry) && entry.type === 'aws:cdk:logicalId' && typeof entry.data === 'string'
          ? [[entry.data, constructPath]]
          : [],
      ),
    ),
  );
}

function textOf(properties: JsonObject, name: string, where: string): string {
  const value = properties[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new MillraceError(
    'ASSEMBLY_INVALID',
    `${where}: properties.${name} must be text, got ${glimpse(value)}; synthesize again with 'cdk synth'`,
  );
}

function readJson(file: string, remedy: string): Json {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MillraceError('ASSEMBLY_INVALID', `${file}: can't be read; ${remedy}`, { cause });
  }
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new MillraceError('ASSEMBLY_INVALID', `${file}: is not JSON; ${remedy}`, { cause });
  }
}
