import type { OauthClient } from './read-oauth.ts';

/** A mail server to hand messages to. Holds a password: never print it whole. */
export interface SmtpRelay {
  readonly host: string;
  readonly port: number;
  /** TLS from the start (RFC 8314 §3.3). */
  readonly secure: boolean;
  /** STARTTLS or nothing: so unless the server is this machine or the URL says `?tls=optional`. */
  readonly requireTls: boolean;
  readonly user: string | null;
  /** With `xoauth2` an access token. */
  readonly password: string | null;
  readonly auth: 'password' | 'xoauth2';
  /** Where access tokens come from, when none is given. */
  readonly oauth: OauthClient | null;
}

/**
 * Reads `smtp://user:password@host:587` or `smtps://…:465`, with `?tls=optional` or `?auth=xoauth2`; `oauth` is who gives
 * tokens where the URL holds none. Gives what is wrong with it, without its password.
 */
export function parseSmtpUrl(
  text: string,
  oauth: OauthClient | null = null,
): SmtpRelay | { readonly fault: string } {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) return { fault: 'it is not an address; in a password write / ? # as %2F %3F %23' };
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')
    return { fault: `it begins with ${url.protocol}// and not with smtp:// or smtps://` };
  if (!url.hostname) return { fault: 'it names no server' };
  const options = url.search.slice(1).split('&').filter(Boolean);
  // Not repeated: after an unescaped ? or # in it, the rest of a password stands here.
  if (options.some((option) => !['tls=optional', 'auth=xoauth2'].includes(option)) || url.hash)
    return {
      fault:
        'it has an option other than tls=optional and auth=xoauth2; in a password write ? as %3F and # as %23',
    };
  const xoauth2 = options.includes('auth=xoauth2');
  if (xoauth2 && !url.username) return { fault: 'auth=xoauth2 needs a user' };
  if (xoauth2 && !url.password && !oauth)
    return { fault: 'it has neither a token in place of a password, nor is SMTP_OAUTH_TOKEN_URL set' };
  if (!xoauth2 && url.username && !url.password) return { fault: 'it has a user but no password' };
  const [user, password] = [url.username, url.password].map(decoded);
  if (user === null || password === null)
    return { fault: 'its user or password holds a % alone; write it as %25' };
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const local = host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
  return {
    host,
    port: url.port ? Number(url.port) : secure ? 465 : 587,
    secure,
    requireTls: !secure && !local && !options.includes('tls=optional'),
    user: user || null,
    password: password || null,
    auth: xoauth2 ? 'xoauth2' : 'password',
    oauth: xoauth2 && !password ? oauth : null,
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
