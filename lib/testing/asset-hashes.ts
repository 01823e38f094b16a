/** What jest and vitest take with `expect.addSnapshotSerializer`: the old form of pretty-format, which both know. */
export interface SnapshotSerializer {
  /** Whether a value has asset hashes in it, and so is printed by this. */
  test(value: unknown): boolean;
  /** The value without its asset hashes, as the other serializers print it. */
  print(value: unknown, serialize: (value: unknown) => string): string;
}

const HASH = '[0-9a-f]{64}';

/**
 * Where the CDK writes the hash of an asset: an object's key in the assets' bucket (alone or at the end of an address), a
 * folder of the cloud assembly, and the tag of an image in a registry. A digest anywhere else is a value of yours.
 */
const ASSET_PLACES: readonly RegExp[] = [
  new RegExp(`(?<=^|/)${HASH}(?=\\.[A-Za-z0-9]+$)`),
  new RegExp(`(?<=^|/)${HASH}(?=\\.tar\\.(?:gz|bz2|xz)$)`),
  new RegExp(`(?<=^asset\\.)${HASH}(?=$|\\.[A-Za-z0-9]+$)`),
  new RegExp(`(?<=\\.dkr\\.ecr\\..+:)${HASH}$`),
];

const MASK = '[asset]';

const masked = (text: string): string =>
  ASSET_PLACES.reduce((left, place) => left.replace(place, MASK), text);

/**
 * Keeps template snapshots readable: the hashes of assets (S3 keys of functions' code, tags of images), which change with
 * every line of a program, read `[asset]`. Nothing else is touched: names, sizes, other digests and logical ids stay.
 *
 * @example
 * expect.addSnapshotSerializer(assetHashSerializer);
 * expect(Template.fromStack(stack).toJSON()).toMatchSnapshot();
 */
export const assetHashSerializer: SnapshotSerializer = Object.freeze({
  test: (value: unknown) => typeof value === 'string' && masked(value) !== value,
  print: (value: unknown, serialize: (value: unknown) => string) => serialize(masked(String(value))),
});
