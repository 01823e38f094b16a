/** How a delivery performed by the driver ended. */
export type PerformedOutcome =
  | { readonly kind: 'delivered' }
  /** The endpoint's own fault: not tried again. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** May pass: tried again as the retry policy says. */
  | { readonly kind: 'failed'; readonly reason: string };
