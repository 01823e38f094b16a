import type { ContractReference, Delivery } from '../../contract/binding.js';
import type { MessageDefinition } from '../../contract/message.js';
import { referenceTo } from '../bound-resource.js';
import { ClaimCheckReaders, type ClaimCheckBucket } from '../claim-check/claim-check-bucket.js';

/** One way in which messages reach a queue. */
export interface QueueSource {
  /** Path of the topic. */
  readonly from: string;
  readonly messages: readonly MessageDefinition[];
  readonly delivery: Delivery;
  /** Where the payloads of these messages may be. */
  readonly claimCheck?: ClaimCheckBucket;
}

/** What a queue carries, gathered from its direct senders and its subscriptions. */
export class QueueContents {
  /** Who reads payloads of topics. */
  readonly claimChecks = new ClaimCheckReaders();
  private readonly sources: QueueSource[];

  constructor(path: string, accepts: readonly MessageDefinition[]) {
    this.sources =
      accepts.length === 0 ? [] : [{ from: `${path} (accepts)`, messages: accepts, delivery: 'raw' }];
  }

  /** How the bodies of this queue are to be read. */
  get delivery(): Delivery {
    return this.sources[0]?.delivery ?? 'raw';
  }

  /** Every message type that reaches this queue, by name. */
  get messages(): readonly ContractReference[] {
    const byName = new Map(
      this.sources.flatMap(({ messages }) => messages).map((message) => [message.name, referenceTo(message)]),
    );
    return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  add(source: QueueSource): void {
    this.sources.push(source);
    if (source.claimCheck) this.claimChecks.addBucket(source.claimCheck);
  }

  /** One queue has one way to read a body, and one version per message name. */
  violationsOf(source: QueueSource): string[] {
    const other = this.sources.find(({ delivery }) => delivery !== source.delivery);
    const mixed =
      other === undefined
        ? []
        : [
            `raw must be the same for all sources of a queue, since its worker reads all bodies alike: ${other.from} delivers '${other.delivery}', this one would deliver '${source.delivery}'`,
          ];
    const versions = source.messages.flatMap(({ name, version }) => {
      const known = this.messages.find((message) => message.name === name);
      return known === undefined || known.version === version
        ? []
        : [
            `message '${name}' reaches this queue in version ${known.version} already, got version ${version}`,
          ];
    });
    return [...mixed, ...versions];
  }
}
