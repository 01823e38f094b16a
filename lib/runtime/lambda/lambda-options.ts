import { compileWorkerOptions } from '../sqs/compile-worker-options.js';
import type { OptionHost } from '../sqs/worker-option-rules.js';
import type { HandlerHostOptions } from '../sqs/handler-host-options.js';
import { HOSTED_OPTION_NAMES, type CompiledWorkerOptions } from '../sqs/worker-options.js';

/**
 * What a Lambda handler is made of: the options of a queue worker, without those the event source mapping decides (the
 * visibility timeout is the queue's own, there is no loop to stop).
 */
export interface LambdaHandlerOptions extends HandlerHostOptions {
  /** Messages of one batch that are handled at once, 1-1000. @default 10 */
  readonly concurrency?: number;
  /**
   * How long before the end of the invocation handlers are asked to end, 1-600 seconds; at most half of the time the
   * invocation has. A third of it is kept to report what became of the batch. Also how long a handler may take to end
   * after its own `handlerTimeoutSeconds`. @default 3
   */
  readonly abortGraceSeconds?: number;
}

const LAMBDA: OptionHost = {
  factory: 'createLambdaHandler',
  leastAbortGraceSeconds: 1, // without any, a slow handler would bring its whole batch back
  hasLoop: false,
  optionNames: HOSTED_OPTION_NAMES,
};

/** The same rules, defaults and errors as a queue worker's. */
export function compileLambdaOptions(
  options: LambdaHandlerOptions,
  environment: Readonly<Record<string, string | undefined>>,
): CompiledWorkerOptions {
  return compileWorkerOptions(options, environment, LAMBDA);
}
