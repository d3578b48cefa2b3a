/** The domain of a reader's key or address, in lower case: what comes after the last @. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
