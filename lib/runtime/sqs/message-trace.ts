import type { Delivery } from '../../contract/binding.js';
import { decodeEnvelope, type Envelope, type TraceContext } from '../../contract/envelope.js';
import { traceparentOfXRay } from '../../core/trace/trace-context.js';
import type { ReceivedMessage } from '../aws/sqs-api.js';
import { unwrap } from './inbound.js';

/**
 * The trace a message belongs to: its envelope's; else the W3C message attributes of a foreign publisher; else X-Ray's.
 * An envelope comes first because SNS may add a header of its own hop.
 */
export function traceOf(message: ReceivedMessage, envelope: Envelope | undefined): TraceContext | undefined {
  return envelope?.trace ?? attributeTrace(message) ?? headerTrace(message);
}

/** The same for a message that was not read yet. */
export function peekTrace(message: ReceivedMessage, delivery: Delivery): TraceContext | undefined {
  const content = unwrap(message, delivery);
  const decoded = content && decodeEnvelope(content.attribute);
  return traceOf(message, decoded?.kind === 'envelope' ? decoded.envelope : undefined);
}

function attributeTrace({ attributes }: ReceivedMessage): TraceContext | undefined {
  const text = (name: string): string | undefined => {
    const attribute = attributes[name];
    return attribute !== undefined && 'text' in attribute ? attribute.text : undefined;
  };
  const traceparent = text('traceparent');
  const tracestate = text('tracestate');
  return traceparent === undefined
    ? undefined
    : { traceparent, ...(tracestate !== undefined && { tracestate }) };
}

function headerTrace({ traceHeader }: ReceivedMessage): TraceContext | undefined {
  const traceparent = traceHeader === undefined ? undefined : traceparentOfXRay(traceHeader);
  return traceparent === undefined ? undefined : { traceparent };
}
