/** Names of messages and records: they travel in attributes and filter policies. */
export const CONTRACT_NAME = /^(?!aws\.|amazon\.)[A-Za-z0-9._-]{1,128}$/i;

/** SQS message attribute names; reserved prefixes are refused by the service. */
export const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.|\.)(?!.*\.\.)(?!.*\.$)[A-Za-z0-9._-]{1,256}$/i;

/** FIFO group and deduplication ids: 1-128 alphanumeric and punctuation characters. */
export const FIFO_ID = /^[!-~]{1,128}$/;
