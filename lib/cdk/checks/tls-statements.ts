import type { PolicyStatementFacts } from './policy-statements.js';

/** Whether a statement denies everybody who comes without TLS. */
export const isTlsRule = ({ effect, isForAnyone, conditions }: PolicyStatementFacts): boolean =>
  effect === 'Deny' &&
  isForAnyone &&
  conditions.some(({ key, values }) => key === 'aws:securetransport' && values.map(String).includes('false'));
