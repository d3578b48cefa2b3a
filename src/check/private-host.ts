/**
 * Does a URL's hostname name something that readers cannot reach? Loopback, private and link-local ranges (RFC 1918,
 * RFC 3927, RFC 4193, RFC 6598), names reserved for that (RFC 6761, RFC 6762, RFC 8375), and names without a dot.
 * `hostname` as WHATWG URL gives it: lower case, IPv4 in dotted decimals, IPv6 in brackets.
 */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (host.startsWith('['))
    return /^\[(?:::1?\]|f[cd][\da-f]{2}:|fe[89ab][\da-f]:|::ffff:(?:7f|a[\da-f]{2}:|c0a8:|ac1[\da-f]:|a9fe:))/.test(
      host,
    );
  const parts = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(host);
  if (parts) {
    const [first, second] = [Number(parts[1]), Number(parts[2])];
    return (
      first === 0 ||
      first === 10 ||
      first === 127 ||
      (first === 172 && second >= 16 && second < 32) ||
      (first === 192 && second === 168) ||
      (first === 169 && second === 254) ||
      (first === 100 && second >= 64 && second < 128)
    );
  }
  return !host.includes('.') || /\.(?:localhost|local|internal|home\.arpa|lan|intranet|corp)$/.test(host);
}
