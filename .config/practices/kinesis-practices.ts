import type { Practice } from './practice.js';

/** Practices on streams. */
export const KINESIS_PRACTICES: readonly Practice[] = [];
