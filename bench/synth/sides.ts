import type { Define } from './synthesize.js';

/** Who makes the resources. */
export type Side = 'millrace' | 'plain';

/** Loads what one side needs and nothing else: what an import costs is part of a synth. */
export const SIDES: Readonly<Record<Side, () => Promise<Define>>> = {
  millrace: async () => {
    const { FanOutStack } = await import('../../examples/fan-out/stack.js');
    return (app) => new FanOutStack(app, 'fan-out');
  },
  plain: async () => {
    const { PlainFanOutStack } = await import('./plain-fan-out.js');
    return (app) => new PlainFanOutStack(app, 'fan-out');
  },
};
