import { MINISTACK_VERSION, startMiniStack } from '../conformance/engines/ministack.js';

/** An AWS of somebody else's making, with a CloudFormation that the real CLI can deploy to. */
export interface CloudEngine {
  /** Name and version, as its registry has them. */
  readonly name: string;
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** Ends the process; resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';

/**
 * Installs MiniStack into `cache` (once) and starts it on loopback. It emulates queue policies, subscriptions, alarms and
 * metric filters where moto's CloudFormation has none of them.
 * @throws {NotAvailable} when Python or its registry can't provide it
 */
export async function startEngine(cache: string): Promise<CloudEngine> {
  const { port, stop } = await startMiniStack(cache, { MINISTACK_ACCOUNT_ID: ACCOUNT });
  // By name: the CLI writes template URLs that only then lead back to the engine.
  const endpoint = `http://localhost:${port}`;
  return { name: `MiniStack ${MINISTACK_VERSION}`, endpoint, account: ACCOUNT, region: REGION, stop };
}
