import type { QueuePlace } from '../work.js';

/** What every SDK client of a bench is made with. */
export const clientConfig = ({ endpoint, region }: Pick<QueuePlace, 'endpoint' | 'region'>) => ({
  endpoint,
  region,
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
});
