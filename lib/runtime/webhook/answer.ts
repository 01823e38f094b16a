import type { HandlingOutcome } from './handling.js';

/** What a sender is told: a status, and words that say nothing of what is inside. */
export interface Answer {
  readonly status: number;
  readonly words: string;
  /** Methods that are allowed, with 405. */
  readonly allow?: string;
}

/** Answers to a notification, by what became of it. 4xx is final for SNS, 5xx is tried again. */
export const HANDLED: Readonly<Record<HandlingOutcome, Answer>> = {
  done: { status: 200, words: 'handled' },
  duplicate: { status: 200, words: 'handled before' },
  poison: { status: 422, words: 'this message can not be handled' },
  failed: { status: 500, words: 'not handled, send it again' },
  late: { status: 503, words: 'not handled in time, send it again' },
};

/** Answers to everything else. */
export const ANSWERS = Object.freeze({
  confirmed: { status: 200, words: 'confirmed' },
  noted: { status: 200, words: 'noted' },
  notConfirmed: { status: 500, words: 'not confirmed, send it again' },
  noCertificate: { status: 503, words: 'the certificate is not there, send it again' },
  stopped: { status: 503, words: 'stopping' },
} as const satisfies Readonly<Record<string, Answer>>);
