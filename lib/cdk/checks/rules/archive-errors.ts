import { archivesOf, DESTINATION } from '../archive-facts.js';
import type { CheckRule } from '../check-rule.js';

/** What could not be archived is kept apart. */
export const archiveErrors: CheckRule = {
  id: 'archive-errors',
  severity: 'warning',
  title: 'What could not be archived is kept apart',
  doc: 'https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html',
  check: (graph) =>
    archivesOf(graph).flatMap(({ resource, destination }) => {
      const { Prefix: prefix = '', ErrorOutputPrefix: errors = '' } = destination;
      if (typeof prefix !== 'string' || typeof errors !== 'string') return [];
      const data = fixedPart(prefix);
      const isApart = errors !== '' && (data === '' || !fixedPart(errors).startsWith(data));
      if (isApart) return [];
      return [
        {
          resource,
          location: `${DESTINATION}/ErrorOutputPrefix`,
          problem:
            errors === ''
              ? 'has no ErrorOutputPrefix: records that could not be delivered or transformed lie among the good ones'
              : `puts failed records under ${fixedPart(errors)}, within ${data} of the good ones: who reads the archive reads both`,
          fix: `set ErrorOutputPrefix: '${data.replace(/\/$/, '') || 'records'}-failed/!{firehose:error-output-type}/'`,
        },
      ];
    }),
};

/** A prefix as far as it is the same for all objects. */
const fixedPart = (prefix: string): string => prefix.split('!{')[0] ?? '';
