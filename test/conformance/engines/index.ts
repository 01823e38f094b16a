import { aws } from './aws.js';
import type { EngineAdapter } from './engine.js';
import { dynamodbLocal, elasticMq } from './jvm-engines.js';
import { moto } from './moto.js';
import { fauxqs, kinesalite, kinesisLocal } from './node-engines.js';

/** Every engine the suite knows besides ours. */
export const INDEPENDENT_ENGINES: readonly EngineAdapter[] = [
  moto,
  elasticMq,
  fauxqs,
  kinesisLocal,
  kinesalite,
  dynamodbLocal,
  aws,
];
