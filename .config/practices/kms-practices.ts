import type { Practice } from './practice.js';

/** Practices on keys. */
export const KMS_PRACTICES: readonly Practice[] = [];
