import type { Subject } from '../subject.js';
import { measureHttp } from './http.js';
import { measureKinesis } from './kinesis.js';
import { measureSoak } from './soak-figures.js';
import { measureSqs } from './sqs.js';

/** The embedded AWS, without clients that would cost more than it does. */
export const EMULATOR: Subject = {
  name: 'emulator',
  what: 'the engines in this process on virtual time, and behind their HTTP server',
  parts: [
    {
      name: 'sqs',
      what: 'messages/s sent, received and deleted in batches of 10, limits enforced',
      measure: measureSqs,
    },
    {
      name: 'kinesis',
      what: 'records/s put by 500 and read by up to 10,000, limits enforced',
      measure: measureKinesis,
    },
    {
      name: 'http',
      what: 'messages/s drained by one minimal client in a process of its own',
      measure: measureHttp,
    },
    {
      name: 'soak',
      what: 'heap over 24 simulated hours of traffic at a constant backlog',
      measure: measureSoak,
    },
  ],
};
