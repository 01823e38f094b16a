import type { Practice } from './practice.js';

/** Practices on Firehose. */
export const FIREHOSE_PRACTICES: readonly Practice[] = [];
