/** Cases that our emulator does not pass yet, by id, and why that is accepted. Empty is the aim. */
export const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {};
