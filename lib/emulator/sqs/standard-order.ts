import { IndexedHeap } from '../structures/indexed-heap.js';
import { MessageList, type StoredMessage } from './message.js';
import { RecentTime } from './recent-time.js';
import type { ReadyOrder } from './ready-order.js';

/** Messages of one `MessageGroupId`, which on a standard queue names a tenant. */
interface Tenant {
  readonly id: string | undefined;
  readonly ready: MessageList;
  inFlight: number;
  isNoisy: boolean;
  /** Time its messages were in flight. */
  readonly processing: RecentTime;
  /** Epoch ms of the last send. */
  sentAt: number;
  slot: number;
}

const NOISY_SHARE = 0.1;
const NOISY_MIN_IN_FLIGHT = 30;
const NOISY_SILENCE_MS = 300_000;
/**
 * Processing time below which a tenant's share says nothing. AWS names no such bound, and calls its own approximate:
 * without one, whoever had the first message of a quiet queue would have all of its time.
 */
const NOISY_MIN_PROCESSING_MS = 30_000;
/** A message received more often than this goes behind all others when it returns. */
const RECEIVES_BEFORE_THE_BACK = 3;

const isOlder = (a: Tenant, b: Tenant): boolean => (a.ready.head?.order ?? 0) < (b.ready.head?.order ?? 0);

const slots = {
  place: (tenant: Tenant, slot: number): void => {
    tenant.slot = slot;
  },
  slotOf: (tenant: Tenant): number => tenant.slot,
};

const byOldestMessage = { ...slots, before: isOlder };
const byFewestInFlight = {
  ...slots,
  before: (a: Tenant, b: Tenant): boolean =>
    a.inFlight === b.inFlight ? isOlder(a, b) : a.inFlight < b.inFlight,
};

/**
 * Best-effort arrival order with fair queues. A tenant is noisy that has more than 10 % of the messages in flight, and
 * at least 30 of them, or more than 10 % of the processing time of the last minutes. It is served after the quiet ones
 * until it is drained or sent nothing for five minutes; of several, the one with the fewest messages in flight is
 * first. Messages without a group are a tenant each, and never noisy.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
export class StandardOrder implements ReadyOrder {
  readonly #tenants = new Map<string | undefined, Tenant>();
  readonly #quiet = new IndexedHeap<Tenant>(byOldestMessage);
  readonly #noisy = new IndexedHeap<Tenant>(byFewestInFlight);
  readonly #processing = new RecentTime();
  #inFlight = 0;
  #lastOrder = 0;

  arrive(message: StoredMessage, now: number): void {
    const tenant = this.#tenantOf(message);
    tenant.sentAt = now;
    if (message.state === 'ready') this.#enqueue(tenant, message);
  }

  makeReady(message: StoredMessage, now: number): void {
    const tenant = this.#tenantOf(message);
    const returns = message.state === 'in-flight';
    if (returns) this.#leaveFlight(tenant, message, now);
    message.state = 'ready';
    if (returns && message.receivesHere <= RECEIVES_BEFORE_THE_BACK) {
      tenant.ready.prepend(message);
      this.#schedule(tenant);
    } else {
      this.#enqueue(tenant, message);
    }
  }

  dropReady(message: StoredMessage): void {
    const tenant = this.#tenantOf(message);
    this.#unlink(tenant, message);
    this.#forgetWhenDrained(tenant);
  }

  dropDelayed(message: StoredMessage): void {
    this.#forgetWhenDrained(this.#tenantOf(message));
  }

  dropInFlight(message: StoredMessage, now: number): void {
    const tenant = this.#tenantOf(message);
    this.#leaveFlight(tenant, message, now);
    this.#forgetWhenDrained(tenant);
  }

  select(max: number, now: number, accept: (message: StoredMessage) => boolean): void {
    for (let taken = 0; taken < max;) {
      const tenant = this.#nextTenant(now);
      const message = tenant?.ready.head;
      if (tenant === undefined || message === undefined) return;
      if (!accept(message)) continue;
      tenant.inFlight += 1;
      this.#inFlight += 1;
      this.#unlink(tenant, message);
      taken += 1;
      this.#judgeConcurrency(tenant);
    }
  }

  next(now: number): StoredMessage | undefined {
    return this.#nextTenant(now)?.ready.head;
  }

  rotate(now: number): void {
    const tenant = this.#nextTenant(now);
    const message = tenant?.ready.head;
    if (tenant === undefined || message === undefined) return;
    this.#unlink(tenant, message);
    this.#enqueue(tenant, message);
  }

  hasReady(): boolean {
    return this.#quiet.size + this.#noisy.size > 0;
  }

  #nextTenant(now: number): Tenant | undefined {
    const quiet = this.#quiet.peek();
    if (quiet !== undefined) return quiet;
    const noisy = this.#noisy.peek();
    if (noisy !== undefined && now - noisy.sentAt >= NOISY_SILENCE_MS) this.#setNoisy(noisy, false);
    return noisy;
  }

  #judgeConcurrency(tenant: Tenant): void {
    if (tenant.isNoisy || tenant.id === undefined || tenant.inFlight < NOISY_MIN_IN_FLIGHT) return;
    if (tenant.inFlight > this.#inFlight * NOISY_SHARE) this.#setNoisy(tenant, true);
  }

  #judgeProcessing(tenant: Tenant, now: number): void {
    if (tenant.isNoisy || now - tenant.sentAt >= NOISY_SILENCE_MS) return;
    const spent = tenant.processing.total(now);
    if (spent >= NOISY_MIN_PROCESSING_MS && spent > this.#processing.total(now) * NOISY_SHARE)
      this.#setNoisy(tenant, true);
  }

  #setNoisy(tenant: Tenant, isNoisy: boolean): void {
    this.#heapOf(tenant).remove(tenant);
    tenant.isNoisy = isNoisy;
    this.#schedule(tenant);
  }

  #enqueue(tenant: Tenant, message: StoredMessage): void {
    this.#lastOrder += 1;
    message.order = this.#lastOrder;
    tenant.ready.append(message);
    if (tenant.ready.head === message) this.#schedule(tenant);
  }

  #unlink(tenant: Tenant, message: StoredMessage): void {
    const wasHead = tenant.ready.head === message;
    tenant.ready.remove(message);
    if (wasHead) this.#schedule(tenant);
  }

  #schedule(tenant: Tenant): void {
    const heap = this.#heapOf(tenant);
    if (tenant.ready.head === undefined) heap.remove(tenant);
    else heap.reorder(tenant);
  }

  #heapOf(tenant: Tenant): IndexedHeap<Tenant> {
    return tenant.isNoisy ? this.#noisy : this.#quiet;
  }

  #leaveFlight(tenant: Tenant, message: StoredMessage, now: number): void {
    tenant.inFlight -= 1;
    this.#inFlight -= 1;
    this.#processing.add(now - message.receivedAt, now);
    if (tenant.id === undefined) return;
    tenant.processing.add(now - message.receivedAt, now);
    this.#judgeProcessing(tenant, now);
    if (tenant.isNoisy) this.#schedule(tenant);
  }

  #forgetWhenDrained(tenant: Tenant): void {
    if (tenant.inFlight === 0 && tenant.ready.head === undefined) this.#tenants.delete(tenant.id);
  }

  #tenantOf(message: StoredMessage): Tenant {
    const known = this.#tenants.get(message.groupId);
    if (known !== undefined) return known;
    const tenant: Tenant = {
      id: message.groupId,
      ready: new MessageList(),
      inFlight: 0,
      isNoisy: false,
      processing: new RecentTime(),
      sentAt: 0,
      slot: -1,
    };
    this.#tenants.set(message.groupId, tenant);
    return tenant;
  }
}
