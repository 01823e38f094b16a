import type { Figure } from '../figures.js';
import type { MeasureOptions } from '../subject.js';
import { consumeFigures, consumeInTurns, EMPTY } from './consume.js';
import { CONSUMER_NAMES } from './consumers/names.js';
import { installPeers } from './peers.js';

/** The same work by every consumer there is, all on the Node.js that each of them runs on. */
export async function* measurePeers({ runs, isWanted }: MeasureOptions): AsyncGenerator<Figure> {
  const peers = await installPeers();
  if (peers.kind === 'missing') {
    process.stderr.write(`peers: left out, they can't be installed: ${peers.reason}\n`);
    return;
  }
  const { folder, node, versions } = peers;
  process.stderr.write(
    `peers: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}\n`,
  );
  const consumers = CONSUMER_NAMES.filter(isWanted);
  const measured = await consumeInTurns(
    consumers.map((consumer) => ({ ...EMPTY, consumer, node, peers: folder })),
    runs,
  );
  yield* consumeFigures('peers', measured, () => ({}));
}
