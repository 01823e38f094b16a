import type { Practice } from './practice.js';

/** Practices on workers on ECS. */
export const ECS_PRACTICES: readonly Practice[] = [];
