import { archivesOf, DESTINATION } from '../archive-facts.js';
import type { CheckRule } from '../check-rule.js';
import { numberOf, objectOf } from '../template-graph.js';

/** An archive that partitions or converts has the buffer for it. */
export const archiveBuffer: CheckRule = {
  id: 'archive-buffer',
  severity: 'error',
  title: 'An archive that partitions or converts has the buffer for it',
  doc: 'https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html',
  check: (graph) =>
    archivesOf(graph).flatMap(({ resource, destination }) => {
      const size = numberOf(objectOf(destination['BufferingHints'])['SizeInMBs'], LEAST_MB);
      const needs = NEEDING.filter(({ name }) => {
        const configuration = destination[name];
        return configuration !== undefined && objectOf(configuration)['Enabled'] !== false;
      });
      const [need] = needs;
      if (need === undefined || size === undefined || size >= LEAST_MB) return [];
      return [
        {
          resource,
          location: `${DESTINATION}/BufferingHints/SizeInMBs`,
          problem: `${need.does} and buffers ${size} MB, Firehose wants ${LEAST_MB} MB for it: the deployment fails`,
          fix: `set BufferingHints.SizeInMBs: ${LEAST_MB}`,
        },
      ];
    }),
};

/** The least buffer of both. */
const LEAST_MB = 64;

const NEEDING = [
  { name: 'DynamicPartitioningConfiguration', does: 'partitions by what is in the records' },
  { name: 'DataFormatConversionConfiguration', does: 'converts records into columns' },
] as const;
