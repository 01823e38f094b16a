import { archivesOf, DESTINATION, processorsOf } from '../archive-facts.js';
import type { CheckRule } from '../check-rule.js';

/** An archive that a function may thin out keeps the originals. */
export const archiveTransform: CheckRule = {
  id: 'archive-transform',
  severity: 'warning',
  title: 'An archive that a function may thin out keeps the originals',
  doc: 'https://docs.aws.amazon.com/firehose/latest/dev/create-configure-backup.html',
  check: (graph) =>
    archivesOf(graph)
      .filter(
        (archive) =>
          processorsOf(archive).includes('Lambda') && archive.destination['S3BackupMode'] !== 'Enabled',
      )
      .map(({ resource }) => ({
        resource,
        location: `${DESTINATION}/S3BackupMode`,
        problem:
          'lets a function change or drop records and keeps no copy of what came in: what a fault of the function takes away is gone',
        fix: "set S3BackupMode: 'Enabled' with an S3BackupConfiguration",
      })),
};
