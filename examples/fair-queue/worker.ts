import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createLambdaHandler, on } from 'millrace/runtime';
import { PageRequested } from './messages.js';

const Bucket = process.env.RENDERED_BUCKET;
const s3 = new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined }); // emulators have no host per bucket

export const handler = createLambdaHandler({
  queue: 'Pages',
  idempotency: 'lease', // rendering twice does no harm, it is only not wanted
  handlers: [
    on(PageRequested, async ({ tenant, page }, { signal }) => {
      const Body = `<h1>${page} of ${tenant}</h1>`;
      await s3.send(new PutObjectCommand({ Bucket, Key: `${tenant}/${page}.html`, Body }), {
        abortSignal: signal,
      });
    }),
  ],
});
