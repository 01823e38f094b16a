import type { Practice } from './practice.js';

/** Practices on Lambda event source mappings. */
export const MAPPING_PRACTICES: readonly Practice[] = [];
