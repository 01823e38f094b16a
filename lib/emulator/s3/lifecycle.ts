/** One rule of a bucket's lifecycle, as far as it is applied here: objects are deleted so many days after they came. */
export interface LifecycleRule {
  readonly id: string;
  readonly isEnabled: boolean;
  readonly prefix: string;
  readonly expirationDays: number | undefined;
  /** Accepted, and without effect: there are no uploads in parts here. */
  readonly abortUploadsAfterDays: number | undefined;
}

const DAY_MS = 86_400_000;

/**
 * When an object expires: the days after it came, rounded up to midnight UTC; Infinity when no rule is for it. At AWS it is
 * no longer billed then and goes some time later; here it is gone at once, so that nobody counts on that time.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
export function expiresAt(
  object: { readonly key: string; readonly lastModified: number },
  rules: readonly LifecycleRule[],
): number {
  const days = rules
    .filter(({ isEnabled, prefix }) => isEnabled && object.key.startsWith(prefix))
    .flatMap(({ expirationDays }) => expirationDays ?? []);
  return Math.ceil((object.lastModified + Math.min(Infinity, ...days) * DAY_MS) / DAY_MS) * DAY_MS;
}
