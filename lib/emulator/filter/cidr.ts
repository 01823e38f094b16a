import { BlockList, isIP, isIPv4 } from 'node:net';

/** Reads an IPv4 or IPv6 block (or a single address) into a test of addresses; undefined when it is malformed. */
export function parseCidr(text: string): ((address: string) => boolean) | undefined {
  const [base = '', mask, ...rest] = text.split('/');
  const family = isIP(base);
  if (family === 0 || rest.length > 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  const length = mask === undefined ? bits : Number(mask);
  if (mask === '' || !Number.isInteger(length) || length < 0 || length > bits) return undefined;
  const block = new BlockList();
  block.addSubnet(base, length, family === 4 ? 'ipv4' : 'ipv6');
  return (address) => isIP(address) !== 0 && block.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
