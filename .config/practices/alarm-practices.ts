import type { Practice } from './practice.js';

/** Practices on alarms. */
export const ALARM_PRACTICES: readonly Practice[] = [];
