import { BlockList, isIP } from 'node:net';
import type { Context } from 'hono';
import { parseNetwork } from './parse-network.ts';

/** On this machine: where the proxy of a plain set-up is. */
const LOCAL = ['127.0.0.0/8', '::1'];

/**
 * Gives a function that tells the network of who asks, to count by: the first 24 bits of an IPv4 address, 48 of an IPv6
 * one, for one person has as many addresses as they like within. What a proxy says is believed only if it is trusted:
 * X-Forwarded-For is read from its end, up to the first address that is no proxy of ours.
 */
export function openClientOf(trustedProxies: readonly string[]): (context: Context) => string {
  const trusted = new BlockList();
  for (const text of [...LOCAL, ...trustedProxies]) {
    const network = parseNetwork(text);
    if (network) trusted.addSubnet(network.address, network.bits, network.family);
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (context) => {
    const { incoming } = (context.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
    let client = plain(incoming?.socket?.remoteAddress ?? '127.0.0.1');
    const hops = (context.req.header('x-forwarded-for') ?? '').slice(-2000).split(',').map(plain);
    while (isTrusted(client)) {
      const before = hops.pop() ?? '';
      if (isIP(before) === 0) break;
      client = before;
    }
    return networkOf(client);
  };
}

/** `::ffff:1.2.3.4` is 1.2.3.4; `[2001:db8::1]:443` and `1.2.3.4:80` lose what is no address. */
function plain(text: string): string {
  const bare = text.trim().replace(/^\[([^\]]*)\](?::\d+)?$/, '$1');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
  return mapped.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1').replace(/%.*$/, '');
}

function networkOf(address: string): string {
  if (isIP(address) !== 6) return address.split('.').slice(0, 3).join('.');
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const groups = address.includes('::')
    ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left;
  return groups
    .slice(0, 3)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
