import { RemovalPolicy, Stack, aws_kms as kms } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { MillraceError, refuseAll } from '../../core/errors.js';
import { choiceViolations } from '../../core/options.js';
import { POSTURES, type Posture, type PosturedProps } from './posture.js';

/** Name of the context value that sets the posture of an app, e.g. `cdk synth -c millrace:posture=regulated`. */
export const POSTURE_CONTEXT = 'millrace:posture';

/**
 * The posture of everything below a scope: an app, a stage, a stack or a construct.
 *
 * @example
 * Postures.of(app).use('cmk');
 * Postures.of(paymentsStack).use('regulated');
 */
export class Postures {
  /** The posture of a scope. */
  static of(scope: IConstruct): Postures {
    return new Postures(scope);
  }

  private readonly scope: IConstruct;

  private constructor(scope: IConstruct) {
    this.scope = scope;
  }

  /** The posture that constructs in this scope get when their props are silent. */
  get posture(): Posture {
    return postureOf(this.scope);
  }

  /**
   * Chooses the posture of this scope. A nearer scope and a construct's own prop go before it; the context value
   * `millrace:posture` comes after it.
   * @throws {INVALID_OPTIONS} there is no such posture, or constructs below were already made under another: choose first
   */
  use(posture: Posture): void {
    refuseAll(`Postures.of('${this.scope.node.path}').use can't be used`, [
      ...choiceViolations('posture', posture, Object.keys(POSTURES)),
      ...this.missed(posture).map(
        (path) => `'${path}' was made before: call this right after the scope is made`,
      ),
    ]);
    mark(this.scope, CHOSEN, posture);
  }

  /** Constructs that asked in vain, and would now silently have another posture than their scope. */
  private missed(posture: Posture): string[] {
    return this.scope.node
      .findAll()
      .filter((construct) => {
        const inherited: unknown = Reflect.get(construct, INHERITED);
        return inherited !== undefined && inherited !== posture && !hasNearerChoice(construct, this.scope);
      })
      .map(({ node }) => node.path);
  }
}

/**
 * Fills in what the posture decides: the key and the removal policy where the props are silent. What is made below
 * `construct` later, a subscription or a reader, inherits its posture.
 */
export function underPosture<P extends PosturedProps>(
  construct: IConstruct,
  props: P,
): P & PosturedProps & { readonly posture: Posture } {
  const posture = props.posture ?? postureOf(construct);
  if (!Object.hasOwn(POSTURES, posture)) return { ...props, posture };
  if (props.posture === undefined) mark(construct, INHERITED, posture);
  else mark(construct, CHOSEN, posture);
  const { isKeyCustomers, isRetained } = POSTURES[posture];
  return {
    ...props,
    posture,
    ...(isKeyCustomers && { encryptionKey: props.encryptionKey ?? keyOf(Stack.of(construct)) }),
    ...(isRetained && { removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN }),
  };
}

// Symbols of the global registry on the constructs themselves: an app may have loaded this package twice, as ESM and as
// CommonJS, and must still have one posture.
const CHOSEN = Symbol.for('millrace.posture.chosen');
const INHERITED = Symbol.for('millrace.posture.inherited');

function mark(construct: IConstruct, name: symbol, posture: Posture): void {
  Object.defineProperty(construct, name, { value: posture, configurable: true });
}

function postureOf(construct: IConstruct): Posture {
  const chosen = construct.node.scopes
    .map((scope): unknown => Reflect.get(scope, CHOSEN))
    .filter(isPosture)
    .at(-1);
  if (chosen !== undefined) return chosen;
  const context: unknown = construct.node.tryGetContext(POSTURE_CONTEXT) ?? 'standard';
  if (isPosture(context)) return context;
  const [violation] = choiceViolations(POSTURE_CONTEXT, context, Object.keys(POSTURES));
  throw new MillraceError('INVALID_OPTIONS', `context value ${violation ?? POSTURE_CONTEXT}`);
}

/** Whether a scope between the two, or the construct itself, has a choice of its own. */
function hasNearerChoice(construct: IConstruct, scope: IConstruct): boolean {
  const { scopes } = construct.node;
  return scopes.slice(scopes.indexOf(scope) + 1).some((nearer) => isPosture(Reflect.get(nearer, CHOSEN)));
}

const isPosture = (value: unknown): value is Posture =>
  typeof value === 'string' && Object.hasOwn(POSTURES, value);

/** One key for a stack: keys are billed by the month, and a stack is what is deployed and audited together. */
function keyOf(stack: Stack): Key {
  const made = stack.node.tryFindChild(KEY_ID);
  return made instanceof kms.Key
    ? made
    : new kms.Key(stack, KEY_ID, {
        description: `Queues, topics, streams and tables of ${stack.stackName}`,
        enableKeyRotation: true,
        // What is encrypted with a deleted key is lost, dead letters included.
        removalPolicy: RemovalPolicy.RETAIN,
      });
}

const KEY_ID = 'MillraceKey';
