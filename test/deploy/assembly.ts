import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Types, or types with one property, that an engine refuses to create. */
export interface Refusal {
  readonly type: string;
  /** Only resources that have it are refused. */
  readonly property?: string;
}

/** A resource that was left out, and where. */
export interface LeftOut {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface TemplateJson {
  Resources?: Record<string, Resource>;
}

/** What of a deployment's words is a refusal of a resource type as such, not of something in our template. */
export function readRefusals(output: string): readonly Refusal[] {
  const types = [...output.matchAll(/Unsupported resource type: (AWS::\w+::\w+)/g)].map(([, type = '']) => ({
    type,
  }));
  // CloudFormation's own words, all types of a template at once.
  const lists = [...output.matchAll(/Unrecognized resource types: \[([^\]]+)\]/g)];
  const unrecognized = lists.flatMap(([, list = '']) => list.split(/,\s*/).map((type) => ({ type })));
  const properties = [...output.matchAll(/(AWS::\w+::\w+) Properties\.(\w+)[^\n]* is not supported/g)].map(
    ([, type = '', property = '']) => ({ type, property }),
  );
  return [...types, ...unrecognized, ...properties];
}

/** Takes what an engine refuses out of the templates of an assembly; references to it become a placeholder. */
export async function leaveOut(assembly: string, refusals: readonly Refusal[]): Promise<readonly LeftOut[]> {
  const files = (await readdir(assembly)).filter((name) => name.endsWith('.template.json'));
  const left: LeftOut[] = [];
  for (const file of files) {
    const before = await readFile(join(assembly, file), 'utf8');
    const template = JSON.parse(before) as TemplateJson;
    const refused = Object.entries(template.Resources ?? {}).filter(([, resource]) =>
      isRefused(resource, refusals),
    );
    if (refused.length === 0) continue;
    const ids = new Set(refused.map(([id]) => id));
    for (const id of ids) delete template.Resources?.[id];
    const after = JSON.stringify(withoutReferences(template, ids), undefined, 1);
    await writeFile(join(assembly, file), after);
    await renameAsset(assembly, { before, after });
    const stack = file.replace('.template.json', '');
    left.push(...refused.map(([logicalId, { Type: type }]) => ({ stack, logicalId, type })));
  }
  return left;
}

function isRefused({ Type, Properties = {} }: Resource, refusals: readonly Refusal[]): boolean {
  return refusals.some(
    ({ type, property }) => type === Type && (property === undefined || property in Properties),
  );
}

function withoutReferences(value: unknown, ids: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutReferences(item, ids));
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = Object.entries(value);
  const [[key, argument] = []] = entries;
  const target = key === 'Ref' ? argument : key === 'Fn::GetAtt' ? firstOf(argument) : undefined;
  if (entries.length === 1 && typeof target === 'string' && ids.has(target)) return 'not-emulated';
  return Object.fromEntries(
    entries.map(([name, item]) => [
      name,
      name === 'DependsOn' ? withoutIds(item, ids) : withoutReferences(item, ids),
    ]),
  );
}

const firstOf = (value: unknown): unknown =>
  Array.isArray(value) ? (value as readonly unknown[])[0] : undefined;

const withoutIds = (depends: unknown, ids: ReadonlySet<string>): unknown =>
  (Array.isArray(depends) ? depends : [depends]).filter((id) => !ids.has(String(id)));

/** Templates are uploaded under the hash of their content, and not again under one that is there. */
async function renameAsset(
  assembly: string,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<void> {
  const [old, renewed] = [before, after].map((text) => createHash('sha256').update(text).digest('hex'));
  if (old === undefined || renewed === undefined) return;
  const manifests = (await readdir(assembly)).filter((name) => /^manifest\.json$|\.assets\.json$/.test(name));
  for (const name of manifests) {
    const text = await readFile(join(assembly, name), 'utf8');
    if (text.includes(old)) await writeFile(join(assembly, name), text.replaceAll(old, renewed));
  }
}
