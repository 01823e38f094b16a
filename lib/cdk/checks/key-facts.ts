import { keyOf } from './key-access.js';
import { objectOf, type Json, type TemplateGraph, type TemplateResource } from './template-graph.js';

/** A key of this app, and a queue, topic or stream that is encrypted with it. */
export interface KeyUse {
  readonly key: TemplateResource;
  readonly encrypted: TemplateResource;
}

/** What names the key, by the type of what is encrypted. */
const KEY_NAMES: Readonly<Record<string, (resource: TemplateResource) => Json>> = {
  'AWS::SQS::Queue': ({ properties }) => properties['KmsMasterKeyId'],
  'AWS::SNS::Topic': ({ properties }) => properties['KmsMasterKeyId'],
  'AWS::Kinesis::Stream': ({ properties }) => objectOf(properties['StreamEncryption'])['KeyId'],
};

/** All uses that messaging makes of keys of this app; keys of other things are left alone. */
export function keyUsesOf(graph: TemplateGraph): readonly KeyUse[] {
  return graph.ofType(...Object.keys(KEY_NAMES)).flatMap((encrypted) => {
    const key = keyBehind(graph, encrypted);
    return key === undefined ? [] : [{ key, encrypted }];
  });
}

/** The key of this app that a queue, topic or stream is encrypted with. */
export const keyBehind = (graph: TemplateGraph, encrypted: TemplateResource): TemplateResource | undefined =>
  keyOf(graph, KEY_NAMES[encrypted.type]?.(encrypted), encrypted);
