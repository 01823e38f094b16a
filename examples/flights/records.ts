// Shared by the stack, the producer and the readers. Nothing of AWS is imported here.
import { defineRecord } from 'millrace/contract';
import { z } from 'zod';

/** A flight that landed. */
export const FlightLanded = defineRecord('flight.landed', {
  schema: z.object({
    /** Scheduled departure, epoch milliseconds. */
    date: z.number(),
    /** Minutes; negative when early. */
    delay: z.number(),
    /** Miles. */
    distance: z.number(),
    origin: z.string(),
    destination: z.string(),
    /** The how-manieth flight of its origin airport this is, from 1: what readers check the order by. */
    leg: z.number(),
  }),
  key: (flight) => flight.origin,
});
