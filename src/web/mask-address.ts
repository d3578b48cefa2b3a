/**
 * An address that its owner knows again and others do not learn: `a…@example.com`. A link may be passed on with the
 * mail that holds it.
 */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 1) return '…';
  const [first = ''] = address;
  return `${first}…${address.slice(at)}`;
}
