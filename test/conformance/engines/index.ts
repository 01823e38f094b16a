import { aws } from './aws.js';
import type { EngineAdapter } from './engine.js';
import { dynamodbLocal, elasticMq } from './jvm-engines.js';
import { millrace } from './millrace.js';
import { miniStack } from './ministack.js';
import { moto } from './moto.js';
import { fauxqs, kinesalite, kinesisLocal } from './node-engines.js';

/** Every engine the suite knows, ours first. */
export const ENGINES: readonly EngineAdapter[] = [
  millrace,
  moto,
  miniStack,
  elasticMq,
  fauxqs,
  kinesisLocal,
  kinesalite,
  dynamodbLocal,
  aws,
];
