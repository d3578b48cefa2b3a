import { domainToASCII } from 'node:url';
import type { Mailbox } from './mail.ts';

/**
 * Reads `Name <local@domain>` or `local@domain` (RFC 5322 §3.4; UTF-8 as RFC 6531 allows). Strict on purpose: one
 * mailbox, no groups, comments, routes or quoted local parts. Gives the Mailbox with its domain as A-labels, or what
 * is wrong with it.
 */
export function parseMailbox(text: string): Mailbox | { readonly fault: string } {
  // A line break in an address or a name is how a header is injected.
  if (/\p{Cc}/u.test(text)) return { fault: 'it holds a line break or a control character' };
  // A zero-width space comes along when addresses are pasted: the reader would be unknown, or twice on the list.
  if (/[\p{C}\p{Zl}\p{Zp}\ufffd]/u.test(text.trim())) return { fault: 'it holds an invisible character' };
  const trimmed = text.trim().normalize('NFC');
  if (trimmed === '') return { fault: 'it is empty' };
  const angle = trimmed.endsWith('>') ? trimmed.lastIndexOf('<') : -1;
  const bare = angle < 0 ? trimmed : trimmed.slice(angle + 1, -1).trim();
  const name = angle < 0 ? '' : unquote(trimmed.slice(0, angle).trim());
  const at = bare.lastIndexOf('@');
  if (at < 0) return { fault: `"${bare}" has no @` };
  const local = bare.slice(0, at);
  const written = bare.slice(at + 1);
  // domainToASCII reads a URL's host: it drops what follows a slash and decodes %61.
  const domain = /^[a-z\d.\u{80}-\u{10ffff}-]+$/iu.test(written) ? domainToASCII(written.toLowerCase()) : '';
  if (!isLocalPart(local)) return { fault: `"${local}" is not a mailbox name (the part before the @)` };
  if (!isDomain(domain)) return { fault: `"${written}" is not a domain` };
  return { name, address: `${local}@${domain}` };
}

/** RFC 5321 §4.1.2 Dot-string with RFC 6531's UTF-8, at most 64 octets (§4.5.3.1.1). */
function isLocalPart(local: string): boolean {
  if (Buffer.byteLength(local) > 64) return false;
  return local.split('.').every((atom) => /^[\w!#$%&'*+/=?^`{|}~\u{a1}-\u{10ffff}-]+$/u.test(atom));
}

/**
 * Letters, digits and hyphens in at least two labels of at most 63, 253 octets in all (RFC 1035 §2.3.4), the last not
 * all digits (RFC 3696 §2): 127.0.0.1 is no mail domain.
 */
function isDomain(domain: string): boolean {
  if (domain.length > 253) return false;
  const labels = domain.split('.');
  if (labels.length < 2 || /^\d+$/.test(labels.at(-1)!)) return false;
  return labels.every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label));
}

function unquote(name: string): string {
  return /^".*"$/.test(name) ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name;
}
