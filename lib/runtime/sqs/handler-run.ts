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
export interface Handleable extends Extract<Inbound, { kind: 'message' }> {
  readonly source: Extract<PayloadSource, { kind: 'source' }>;
}

/** What a handler may do, and for how long. */
export interface HandlerScope {
  readonly effects: HandlerEffects;
  readonly outbox: Outbox;
  readonly isHeld: () => boolean;
}

/** Runs the user's handler on its payload, unless the message is poison or no longer held. */
export async function runHandler(inbound: Handleable, holding: Holding, scope: HandlerScope): Promise<void> {
  const opened = await inbound.source.open();
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
    await inbound.handler.handle(opened.payload, contextOf(inbound, holding, { ...scope, turn }));
  } finally {
    turn.hasReturned = true;
  }
}

/** The time in which a handler's effects count. */
interface Turn {
  hasReturned: boolean;
}

function contextOf(
  { envelope }: Handleable,
  { message, controller }: Holding,
  scope: HandlerScope & { readonly turn: Turn },
): HandlerContext {
  const { effects, outbox } = scope;
  const inTime = <Effect>(name: string, effect: () => Effect): Effect => {
    refuseLate(name, scope);
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

function refuseLate(name: string, { turn, isHeld }: HandlerScope & { readonly turn: Turn }): void {
  if (!turn.hasReturned && isHeld()) return;
  throw new MillraceError(
    'OWNERSHIP_LOST',
    `ctx.${name} came too late: ${turn.hasReturned ? 'the handler has returned (await everything before it does)' : 'the message is no longer held'}`,
  );
}
