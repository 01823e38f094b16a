/**
 * How copies of a message are kept from having an effect twice.
 *
 * | mode            | DynamoDB calls per message          | guarantee                                                       |
 * |-----------------|-------------------------------------|-----------------------------------------------------------------|
 * | `transactional` | 1 transaction (2 x your writes)     | effects written with `ctx.write` or `ctx.sql` happen exactly once |
 * | `lease`         | 2 writes, 2/25 of a call under load | one live handler per business id; repeated only after a crash   |
 * | `record-after`  | 1 write and 1 read, 1/25 + 1/100    | copies one after the other are recognised; concurrent ones run  |
 * | `sequence`      | 1 write per run of a FIFO group     | redeliveries have no second effect through `ctx.write`          |
 * | `none`          | 0                                   | at least once: the handler must be safe to repeat               |
 */
export type IdempotencyMode = GuardedMode | 'none';

/** The modes that keep records. */
export type GuardedMode = 'transactional' | 'lease' | 'record-after' | 'sequence';

/**
 * What happens to a message while the idempotency store can't be reached. `fail-closed`: it is not handled and comes back
 * after the wait of `retry`, so nothing has an effect twice. `fail-open`, for `lease` and `record-after`: it is handled
 * without a record and told as `unguarded`; copies that come during the outage are handled as well.
 */
export type StoreOutagePolicy = 'fail-closed' | 'fail-open';
