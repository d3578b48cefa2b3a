/** An IMAP mailbox. Holds a password: never print it whole. */
export interface ImapMailbox {
  readonly host: string;
  readonly port: number;
  /** TLS from the start; otherwise STARTTLS, which only this machine may do without. */
  readonly secure: boolean;
  readonly local: boolean;
  readonly user: string;
  readonly password: string;
  readonly folder: string;
}

/** Reads `imaps://user:password@host/INBOX` (RFC 5092, as far as needed). Gives what is wrong, without the password. */
export function parseImapUrl(text: string): ImapMailbox | { readonly fault: string } {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) return { fault: 'it is not an address; in a password write / ? # as %2F %3F %23' };
  if (url.protocol !== 'imap:' && url.protocol !== 'imaps:')
    return { fault: 'it does not begin with imaps://' };
  if (!url.hostname) return { fault: 'it names no server' };
  if (!url.username || !url.password) return { fault: 'it has no user or no password' };
  if (url.search || url.hash) return { fault: 'in a password write ? as %3F and # as %23' };
  const secure = url.protocol === 'imaps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  try {
    return {
      host,
      port: url.port ? Number(url.port) : secure ? 993 : 143,
      secure,
      local: host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      folder: decodeURIComponent(url.pathname.slice(1)) || 'INBOX',
    };
  } catch {
    return { fault: 'its user or password holds a % alone; write it as %25' };
  }
}
