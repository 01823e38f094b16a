import { defineMessage } from 'millrace/contract';
import { z } from 'zod';

export const PushReceived = defineMessage('github.push', {
  schema: z.object({ delivery: z.string(), ref: z.string() }), // any Standard Schema
  id: (push) => push.delivery, //                                 survives redrive, fan-out and republishing
  attributes: (push) => ({ branch: push.ref }), //                what subscribers may filter on
});
