/**
 * Does a URL's hostname name something that readers cannot reach? Addresses that are not of the public internet (IANA's
 * registries of special-purpose addresses, RFC 6890), names reserved for that (RFC 6761, RFC 6762, RFC 8375), and names
 * without a dot. IPv4 in dotted decimals, IPv6 in brackets in any of its spellings: DNS gives `::ffff:127.0.0.1` where a
 * URL has `::ffff:7f00:1`. What cannot be read, as one with a zone, is private.
 */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (host.startsWith('[')) {
    const groups = URL.canParse(`http://${host}`) ? groupsOf(new URL(`http://${host}`).hostname) : null;
    return groups === null || isPrivateIpv6(groups);
  }
  const octets = /^(\d+)\.(\d+)\.(\d+)\.\d+$/.exec(host)?.slice(1).map(Number);
  if (octets) return isPrivateIpv4(octets[0]!, octets[1]!, octets[2]!);
  return !host.includes('.') || /\.(?:localhost|local|internal|home\.arpa|lan|intranet|corp)$/.test(host);
}

function isPrivateIpv4(first: number, second: number, third: number): boolean {
  return (
    first === 0 ||
    first === 10 ||
    first === 127 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 192 && second === 0 && third === 0) ||
    (first === 169 && second === 254) ||
    (first === 100 && second >= 64 && second < 128) ||
    (first === 198 && (second === 18 || second === 19)) ||
    // Multicast, reserved, broadcast.
    first >= 224
  );
}

/** An address that carries an IPv4 address (mapped, NAT64, 6to4) leads to that one. */
function isPrivateIpv6(groups: readonly number[]): boolean {
  const [first, second] = groups as [number, number];
  const ipv4 = (at: number) => isPrivateIpv4(groups[at]! >> 8, groups[at]! & 0xff, groups[at + 1]! >> 8);
  const zeros = groups.findIndex((group) => group !== 0);
  if (zeros === 5 && groups[5] === 0xffff) return ipv4(6);
  // `::`, `::1` and the old way to write IPv4.
  if (zeros < 0 || zeros >= 6) return true;
  if (first === 0x64 && second === 0xff9b) return groups[2] !== 0 || ipv4(6);
  if (first === 0x2002) return ipv4(1);
  // Unique local, link-local, site-local, multicast.
  return (first & 0xfe00) === 0xfc00 || (first & 0xff80) === 0xfe80 || first >= 0xff00;
}

/** The eight groups of an IPv6 address as WHATWG URL writes it: `[fe80::1]`. */
function groupsOf(host: string): number[] {
  const [left, right] = host
    .slice(1, -1)
    .split('::')
    .map((half) =>
      half
        .split(':')
        .filter(Boolean)
        .map((group) => Number.parseInt(group, 16)),
    );
  if (!right) return left!;
  return [...left!, ...Array<number>(8 - left!.length - right.length).fill(0), ...right];
}
