import type { Envelope } from '../../contract/envelope.js';
import type { MessageDefinition } from '../../contract/message.js';
import { MillraceError } from '../../core/errors.js';
import type { TransactionWrite } from '../aws/dynamo-api.js';
import type { HandlerEffects } from '../idempotency/guard.js';
import type { PublishOptions } from '../sns/outbound.js';
import type { Outbox } from '../sns/outbox.js';
import { HandlerContext } from './handler-context.js';
import type { Holding } from './holding.js';
import type { Inbound } from './inbound.js';
import type { PayloadSource } from './payload-source.js';

/** A message that was read and can be handled. */
export interface Handleable {
  readonly inbound: Extract<Inbound, { kind: 'message' }>;
  readonly source: Extract<PayloadSource, { kind: 'source' }>;
}

/** What a handler may do, and for how long. */
export interface HandlerScope {
  readonly effects: HandlerEffects;
  readonly outbox: Outbox;
  readonly isHeld: () => boolean;
}

/** Runs the user's handler on its payload, unless the message is poison or no longer held. */
export async function runHandler(
  { inbound, source }: Handleable,
  holding: Holding,
  scope: HandlerScope,
): Promise<void> {
  const opened = await source.open();
  if (opened.kind === 'poison') {
    // Thrown, so that the guard lets go of the message; `judge` finds the poison.
    holding.poison = opened.poison;
    throw new MillraceError('INVALID_PAYLOAD', opened.poison.detail);
  }
  // Whatever was waited for since the receive (a store that is slow, a process that stood still) may have taken the claim.
  if (!scope.isHeld())
    throw new MillraceError('OWNERSHIP_LOST', 'the message was no longer held when its handler was to start');
  const turn = { hasReturned: false };
  try {
    await inbound.handler.handle(opened.payload, contextOf(inbound.envelope, holding, { scope, turn }));
  } finally {
    turn.hasReturned = true;
  }
}

/** The time in which a handler's effects count. */
interface EffectTime {
  readonly scope: HandlerScope;
  readonly turn: { readonly hasReturned: boolean };
}

function contextOf(envelope: Envelope, { message, controller }: Holding, time: EffectTime): HandlerContext {
  const { effects, outbox } = time.scope;
  const inTime = <Effect>(name: string, effect: () => Effect): Effect => {
    refuseLate(name, time);
    return effect();
  };
  return new HandlerContext(controller, {
    envelope,
    id: envelope.id,
    messageId: message.messageId,
    receiveCount: message.receiveCount,
    group: message.group,
    write: (write: TransactionWrite) => inTime('write', () => effects.write(write)),
    sql: async (text: string, values?: readonly unknown[]) => inTime('sql', () => effects.sql(text, values)),
    publish: async (to: string, published: MessageDefinition, body: unknown, options?: PublishOptions) => {
      const prepared = await outbox.prepare(to, {
        message: published,
        payload: body,
        options: options ?? {},
      });
      inTime('publish', () => effects.publish(prepared));
    },
  });
}

function refuseLate(name: string, { scope, turn }: EffectTime): void {
  if (!turn.hasReturned && scope.isHeld()) return;
  throw new MillraceError(
    'OWNERSHIP_LOST',
    `ctx.${name} came too late: ${turn.hasReturned ? 'the handler has returned (await everything before it does)' : 'the message is no longer held'}`,
  );
}
