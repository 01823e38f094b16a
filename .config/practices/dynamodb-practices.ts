import type { Practice } from './practice.js';

/** Practices on tables of leases and idempotency. */
export const DYNAMODB_PRACTICES: readonly Practice[] = [];
