import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';
import { streamFacts, streamMappingsOf } from '../stream-facts.js';

/** A function can be given the largest record of its stream. */
export const streamRecordSize: CheckRule = {
  id: 'stream-record-size',
  severity: 'warning',
  title: 'A function can be given the largest record of its stream',
  doc: 'https://docs.aws.amazon.com/streams/latest/dev/large-records.html',
  check: (graph) =>
    streamMappingsOf(graph).flatMap(({ resource, stream }) => {
      const bytes = stream && streamFacts(stream).maxRecordBytes;
      if (stream === undefined || bytes === undefined || bytes <= LARGEST) return [];
      return [
        {
          resource,
          location: 'Properties/EventSourceArn',
          problem: `reads ${stream.logicalId}, which takes records of ${bytes} bytes; an invocation holds ${limitOf('lambda.invocation.maxBytes')} bytes, base64 included, so records over ${LARGEST} bytes never reach the function`,
          fix: `set MaxRecordSizeInKiB: ${Math.floor(LARGEST / 1_024)} on the stream, put large payloads into a bucket, or read it with a service`,
        },
      ];
    }),
};

/** Three bytes are four characters in base64; the rest of the event takes a little, which is not counted. */
const LARGEST = (limitOf('lambda.invocation.maxBytes') * 3) / 4;
