import { decideExtensionSeconds, type ClaimRules } from './claim.js';
import { renewalAt } from './deadlines.js';
import { needsRenewal, type Delivery } from './delivery.js';
import type { Renewal } from './machine-types.js';

/**
 * What is to be renewed now: once one is due, all that would be due soon go with it, which saves calls. Not what is being
 * deleted: that is hardly ever there when it is due. 0 seconds for those that can gain nothing any more, because their 12
 * hours are nearly over.
 */
export function decideRenewals(
  deliveries: Iterable<Delivery>,
  now: number,
  claims: ClaimRules,
): readonly Renewal[] {
  const candidates = [...deliveries].filter(needsRenewal);
  if (!candidates.some((delivery) => renewalAt(delivery, claims) <= now)) return [];
  const horizon = now + claims.renewLeadMs / 3;
  return candidates
    .filter((delivery) => {
      const until = delivery.phase.kind === 'deleting' ? now : horizon;
      return renewalAt(delivery, claims) <= until && delivery.renewNotBefore <= now;
    })
    .map(({ key, claim }) => ({ key, seconds: decideExtensionSeconds(claim, now, claims) }));
}
