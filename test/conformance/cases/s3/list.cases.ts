import { ListObjectsV2Command, type ListObjectsV2CommandInput } from '@aws-sdk/client-s3';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { createBucket, putObject } from '../../fixtures/buckets.js';
import { refusal, same } from '../../fixtures/expectations.js';
import { s3Api, s3Guide } from '../../fixtures/pages.js';

const PAGE = s3Api('ListObjectsV2');
const KEYS = ['B', 'a<&>', 'b/1', 'b/2', 'c/x/1', 'ä'];

async function filled(context: CaseContext): Promise<string> {
  const Bucket = await createBucket(context);
  await Promise.all(KEYS.map((key) => putObject(context, [Bucket, key])));
  return Bucket;
}

async function list(context: CaseContext, more: Omit<ListObjectsV2CommandInput, 'Bucket'> = {}) {
  const Bucket = await filled(context);
  return context.s3.send(new ListObjectsV2Command({ Bucket, ...more }));
}

const keysOf = ({ Contents }: Awaited<ReturnType<typeof list>>) => (Contents ?? []).map(({ Key }) => Key);

/** Listing: order, pages, prefixes. */
export const listCases = caseGroup('s3.list', {
  'keys are listed in the order of their UTF-8 bytes': {
    page: s3Guide('ListingKeysUsingAPIs'),
    run: async (context) => same(keysOf(await list(context)), KEYS, 'keys'),
  },
  'an empty bucket lists nothing': {
    page: PAGE,
    run: async (context) => {
      const Bucket = await createBucket(context);
      const { KeyCount, IsTruncated } = await context.s3.send(new ListObjectsV2Command({ Bucket }));
      same([KeyCount, IsTruncated], [0, false], 'KeyCount and IsTruncated');
    },
  },
  'an entry has size and ETag of its object': {
    page: PAGE,
    run: async (context) => {
      const Bucket = await createBucket(context);
      const { ETag } = await putObject(context, [Bucket, 'a'], { Body: 'four' });
      const { Contents } = await context.s3.send(new ListObjectsV2Command({ Bucket }));
      same([Contents?.[0]?.Size, Contents?.[0]?.ETag], [4, ETag], 'Size and ETag');
    },
  },
  'a prefix selects': {
    page: s3Guide('using-prefixes'),
    run: async (context) => same(keysOf(await list(context, { Prefix: 'b/' })), ['b/1', 'b/2'], 'keys'),
  },
  'keys behind a delimiter are one common prefix': {
    page: s3Guide('using-prefixes'),
    run: async (context) => {
      const listed = await list(context, { Delimiter: '/' });
      same(
        listed.CommonPrefixes?.map(({ Prefix }) => Prefix),
        ['b/', 'c/'],
        'CommonPrefixes',
      );
      same(keysOf(listed), ['B', 'a<&>', 'ä'], 'keys');
      same(listed.KeyCount, 5, 'KeyCount');
    },
  },
  'StartAfter leaves out its own key and all before': {
    page: PAGE,
    run: async (context) =>
      same(keysOf(await list(context, { StartAfter: 'b/1' })), ['b/2', 'c/x/1', 'ä'], 'keys'),
  },
  'pages join without a gap': {
    page: PAGE,
    run: async (context) => {
      const Bucket = await filled(context);
      const pages: (string | undefined)[][] = [];
      let token: string | undefined;
      do {
        const page = await context.s3.send(
          new ListObjectsV2Command({ Bucket, MaxKeys: 4, ContinuationToken: token }),
        );
        pages.push(keysOf(page));
        token = page.NextContinuationToken;
      } while (token !== undefined);
      same(pages, [KEYS.slice(0, 4), KEYS.slice(4)], 'pages');
    },
  },
  'a common prefix counts as one key of a page': {
    page: PAGE,
    run: async (context) => {
      const page = await list(context, { Delimiter: '/', MaxKeys: 3 });
      same(
        [keysOf(page), page.CommonPrefixes?.map(({ Prefix }) => Prefix), page.IsTruncated],
        [['B', 'a<&>'], ['b/'], true],
        'page',
      );
    },
  },
  'listing a bucket that is not there: NoSuchBucket': {
    page: PAGE,
    run: async (context) => {
      const Bucket = context.unique('none');
      await refusal(context.s3.send(new ListObjectsV2Command({ Bucket })), 'NoSuchBucket');
    },
  },
});
