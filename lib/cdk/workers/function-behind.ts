import type { IFunction } from 'aws-cdk-lib/aws-lambda';

/**
 * The function itself where an alias or a version of it was given: it alone has an environment, a timeout and a reservation, and
 * CloudWatch has its metrics by its plain name.
 */
export function functionBehind(worker: IFunction): IFunction {
  const behind: unknown = 'lambda' in worker ? worker.lambda : undefined;
  return isFunction(behind) ? functionBehind(behind) : worker;
}

// By its fields and not by instanceof: a class of aws-cdk-lib would load Lambda for apps that have none.
const isFunction = (value: unknown): value is IFunction =>
  typeof value === 'object' && value !== null && 'functionName' in value && 'grantInvoke' in value;
