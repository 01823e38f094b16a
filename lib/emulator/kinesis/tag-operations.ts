import type { ApiResult } from '../engine.js';
import { answer, refuse, type Refusal } from './answers.js';
import { findConsumer } from './consumer-operations.js';
import { list, required, text, textMap, whole } from './fields.js';
import { operation, STREAM_REFERENCE } from './operation.js';
import type { KinesisState, Stream } from './stream-state.js';
import { findStream } from './streams.js';

const MOST_TAGS = 50;
const tagKey = text({ min: 1, max: 128 });
const tags = required(textMap({ min: 1, max: 200 }));
const tagKeys = required(list(tagKey, { min: 1, max: 50 }));
const resourceArn = required(
  text({ min: 1, max: 2_048, form: /^arn:aws.*:kinesis:.*:\d{12}:.*stream\/\S+$/ }),
);

/** AddTagsToStream. */
export const addTags = operation({ ...STREAM_REFERENCE, Tags: tags }, (state, input) => {
  const found = findStream(state, input);
  return found.kind === 'fault' ? found : putTags(found.stream.tags, input.Tags);
});

/** RemoveTagsFromStream. */
export const removeTags = operation({ ...STREAM_REFERENCE, TagKeys: tagKeys }, (state, input) => {
  const found = findStream(state, input);
  if (found.kind === 'fault') return found;
  for (const key of input.TagKeys) found.stream.tags.delete(key);
  return answer();
});

/** ListTagsForStream, by key. */
export const listTags = operation(
  { ...STREAM_REFERENCE, ExclusiveStartTagKey: tagKey, Limit: whole({ min: 1, max: 50 }) },
  (state, input) => {
    const found = findStream(state, input);
    if (found.kind === 'fault') return found;
    const start = input.ExclusiveStartTagKey;
    const all = describeTags(found.stream.tags).filter(({ Key }) => start === undefined || Key > start);
    const page = all.slice(0, input.Limit ?? MOST_TAGS);
    return answer({ Tags: page, HasMoreTags: page.length < all.length });
  },
);

/** TagResource: a stream or a consumer. */
export const tagResource = operation({ ResourceARN: resourceArn, Tags: tags }, (state, input) => {
  const found = findTags(state, input.ResourceARN);
  return found.kind === 'fault' ? found : putTags(found.tags, input.Tags);
});

/** UntagResource: a stream or a consumer. */
export const untagResource = operation({ ResourceARN: resourceArn, TagKeys: tagKeys }, (state, input) => {
  const found = findTags(state, input.ResourceARN);
  if (found.kind === 'fault') return found;
  for (const key of input.TagKeys) found.tags.delete(key);
  return answer();
});

/** ListTagsForResource: a stream or a consumer. */
export const listResourceTags = operation({ ResourceARN: resourceArn }, (state, input) => {
  const found = findTags(state, input.ResourceARN);
  return found.kind === 'fault' ? found : answer({ Tags: describeTags(found.tags) });
});

/** PutResourcePolicy: kept and given back; nothing is denied by it. */
export const putPolicy = operation(
  { ResourceARN: resourceArn, Policy: required(text({ min: 1, max: 20_480 })) },
  (state, input) =>
    withStream(state, input.ResourceARN, (stream) => {
      stream.policy = input.Policy;
      return answer();
    }),
);

/** GetResourcePolicy. */
export const getPolicy = operation({ ResourceARN: resourceArn }, (state, input) =>
  withStream(state, input.ResourceARN, (stream) => answer({ Policy: stream.policy ?? '{}' })),
);

/** DeleteResourcePolicy. */
export const deletePolicy = operation({ ResourceARN: resourceArn }, (state, input) =>
  withStream(state, input.ResourceARN, (stream) => {
    stream.policy = undefined;
    return answer();
  }),
);

function withStream(state: KinesisState, arn: string, use: (stream: Stream) => ApiResult): ApiResult {
  const found = findStream(state, { StreamARN: arn });
  return found.kind === 'fault' ? found : use(found.stream);
}

function findTags(
  state: KinesisState,
  arn: string,
): { readonly kind: 'found'; readonly tags: Map<string, string> } | Refusal {
  if (arn.includes('/consumer/')) {
    const found = findConsumer(state, { ConsumerARN: arn });
    return found.kind === 'fault' ? found : { kind: 'found', tags: found.consumer.tags };
  }
  const found = findStream(state, { StreamARN: arn });
  return found.kind === 'fault' ? found : { kind: 'found', tags: found.stream.tags };
}

function putTags(held: Map<string, string>, added: ReadonlyMap<string, string>): ApiResult {
  const keys = new Set([...held.keys(), ...added.keys()]);
  if (keys.size > MOST_TAGS)
    return refuse(
      'InvalidArgumentException',
      `A resource has at most ${MOST_TAGS} tags, this would make ${keys.size}.`,
    );
  for (const [key, value] of added) held.set(key, value);
  return answer();
}

const describeTags = (
  held: ReadonlyMap<string, string>,
): { readonly Key: string; readonly Value: string }[] =>
  [...held].map(([Key, Value]) => ({ Key, Value })).sort((a, b) => (a.Key < b.Key ? -1 : 1));
