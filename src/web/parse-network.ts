import { isIP } from 'node:net';

/** A network of addresses: those that share the first `bits` with `address`. */
export interface Network {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly bits: number;
}

/** Reads `10.0.0.7`, `172.16.0.0/12` or `fd00::/8`; null: it is neither an address nor a network. */
export function parseNetwork(text: string): Network | null {
  const [address = '', bits, more] = text.split('/');
  const kind = isIP(address);
  if (kind === 0 || more !== undefined || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return null;
  const most = kind === 4 ? 32 : 128;
  const given = bits === undefined ? most : Number(bits);
  return given > most ? null : { address, family: kind === 4 ? 'ipv4' : 'ipv6', bits: given };
}
