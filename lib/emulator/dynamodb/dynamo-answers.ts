import type { DynamoAnswer } from './dynalite-exchange.js';
import type { JsonObject } from './item.js';

const NAMESPACE = 'com.amazonaws.dynamodb.v20120810';

/** An answer that went well. */
export const dynamoOutput = (output: JsonObject): DynamoAnswer => ({
  status: 200,
  body: JSON.stringify(output),
});

/** A refusal. `details` are further members of the error shape. */
export const dynamoFault = (code: string, message: string, details: JsonObject = {}): DynamoAnswer => ({
  status: 400,
  body: JSON.stringify({ __type: `${NAMESPACE}#${code}`, Message: message, ...details }),
});

/** The name of the fault in an answer, e.g. `ConditionalCheckFailedException`. */
export function faultCodeOf(answer: DynamoAnswer): string | undefined {
  if (answer.status === 200) return undefined;
  const match = /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(answer.body);
  return match?.[1];
}
