export { isMillraceError, MillraceError, type ErrorCode, type MillraceErrorOptions } from '../core/errors.js';
export {
  defineMessage,
  type AttributesOf,
  type AttributeValue,
  type MessageAttributes,
  type MessageDefinition,
  type MessageOptions,
  type PayloadOf,
  type PublishedPayloadOf,
} from './message.js';
export {
  defineRecord,
  type ProducedRecordOf,
  type RecordDefinition,
  type RecordOf,
  type RecordOptions,
} from './record.js';
export {
  decodeEnvelope,
  encodeEnvelope,
  META_ATTRIBUTE,
  TYPE_ATTRIBUTE,
  type DecodedEnvelope,
  type EncodedEnvelope,
  type Envelope,
  type TraceContext,
} from './envelope.js';
export {
  decodeRecord,
  encodeRecord,
  type DecodedRecord,
  type RecordEnvelope,
  type RecordOrigin,
} from './record-envelope.js';
export {
  bindingVariable,
  type Binding,
  type BindingBase,
  type BindingKind,
  type BindingOf,
  type ClaimCheckBinding,
  type ContractReference,
  type Delivery,
  type QueueBinding,
  type ReaderBinding,
  type StreamBinding,
  type TopicBinding,
} from './binding.js';
export { parseBinding, readBinding } from './binding-reader.js';
export { limitOf, LIMITS, type Limit, type LimitName } from './limits.js';
export { costOf, PRICES, type Price, type PriceName } from './prices.js';
