import fc from 'fast-check';
import { createS3Engine } from '../../../lib/emulator/s3/engine.js';

const KEYS = ['a', 'a/b', 'a/c/d', 'b', 'ä', 'Z/'] as const;

type Step =
  | { readonly kind: 'put'; readonly key: string; readonly body: string }
  | { readonly kind: 'create'; readonly key: string; readonly body: string }
  | { readonly kind: 'delete'; readonly keys: readonly string[] };

const key = fc.constantFrom(...KEYS);
const body = fc.string({ maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, body }),
  fc.record({ kind: fc.constant('create' as const), key, body }),
  fc.record({ kind: fc.constant('delete' as const), keys: fc.array(key, { minLength: 1, maxLength: 3 }) }),
);
const steps = fc.array(step, { maxLength: 40 });

const Bucket = 'payloads';

/** Does the steps to an engine and to a map, which is all that a bucket is to its users. */
function run(all: readonly Step[]) {
  const engine = createS3Engine({ region: 'us-east-1', accountId: '000000000000' });
  const call = (operation: string, input: Readonly<Record<string, unknown>>) =>
    engine.call({ operation, input: { Bucket, ...input } }, 0);
  const model = new Map<string, string>();
  call('CreateBucket', {});
  for (const step of all) {
    if (step.kind === 'delete') {
      for (const Key of step.keys) call('DeleteObject', { Key });
      for (const one of step.keys) model.delete(one);
      continue;
    }
    const isCreation = step.kind === 'create';
    const input = { Key: step.key, Body: Buffer.from(step.body), ...(isCreation && { IfNoneMatch: '*' }) };
    const isTaken = isCreation && model.has(step.key);
    expect(call('PutObject', input).kind).toBe(isTaken ? 'fault' : 'output');
    if (!isTaken) model.set(step.key, step.body);
  }
  return { call, model };
}

/** Every entry of a listing, page after page. */
function listAll(call: ReturnType<typeof run>['call'], input: Readonly<Record<string, unknown>>) {
  const [keys, prefixes]: [string[], string[]] = [[], []];
  let token: unknown;
  do {
    const page = call('ListObjectsV2', {
      ...input,
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const output: Readonly<Record<string, unknown>> = page.kind === 'output' ? page.output : {};
    keys.push(...(output['Contents'] as readonly { readonly key: string }[]).map((object) => object.key));
    prefixes.push(...(output['CommonPrefixes'] as readonly string[]));
    token = output['NextContinuationToken'];
  } while (token !== undefined);
  return { keys, prefixes };
}

const inByteOrder = (texts: Iterable<string>): string[] =>
  [...new Set(texts)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

describe('a bucket against a map', () => {
  it('holds what was put last, and nothing that was deleted', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { call, model } = run(all);
        for (const Key of KEYS) {
          const got = call('GetObject', { Key });
          const text =
            got.kind === 'output' ? Buffer.from(got.output['Body'] as Uint8Array).toString() : undefined;
          expect(text).toBe(model.get(Key));
        }
      }),
    );
  });

  it('lists every key once, in order and by pages of any size, folded or not', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 4 }), fc.constantFrom('', '/'), (all, size, Delimiter) => {
        const { call, model } = run(all);
        const listed = listAll(call, { MaxKeys: String(size), Delimiter });
        const isFolded = (one: string): boolean => Delimiter !== '' && one.includes(Delimiter);
        const keys = [...model.keys()];
        expect(listed.keys).toEqual(inByteOrder(keys.filter((one) => !isFolded(one))));
        expect(listed.prefixes).toEqual(
          inByteOrder(keys.filter(isFolded).map((one) => `${one.split('/')[0] ?? ''}/`)),
        );
      }),
    );
  });
});
