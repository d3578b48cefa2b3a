/** How an access token is got from an OAuth 2 server (RFC 6749). Holds secrets: never print it whole. */
export interface OauthClient {
  /** https, or http on this machine. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Null: a public client has none. */
  readonly clientSecret: string | null;
  /** Null: the client asks for itself (RFC 6749 §4.4), as Microsoft's SMTP.SendAsApp does. */
  readonly refreshToken: string | null;
  /** Null: what the refresh token was made for. */
  readonly scope: string | null;
}

/**
 * Reads `SMTP_OAUTH_TOKEN_URL`, `_CLIENT_ID`, `_CLIENT_SECRET`, `_REFRESH_TOKEN` and `_SCOPE`. Null: none is set. Gives
 * the variable to blame and what is wrong with it, never its value.
 */
export function readOauth(
  env: Readonly<NodeJS.Dict<string>>,
): OauthClient | null | { readonly blame: string; readonly fault: string } {
  const of = (name: string) => env[`SMTP_OAUTH_${name}`] || null;
  const [tokenUrl, clientId, clientSecret, refreshToken, scope] = [
    'TOKEN_URL',
    'CLIENT_ID',
    'CLIENT_SECRET',
    'REFRESH_TOKEN',
    'SCOPE',
  ].map(of) as [string | null, string | null, string | null, string | null, string | null];
  if ([tokenUrl, clientId, clientSecret, refreshToken, scope].every((one) => one === null)) return null;
  const blame = (name: string, fault: string) => ({ blame: `SMTP_OAUTH_${name}`, fault });
  if (tokenUrl === null) return blame('TOKEN_URL', 'is not set, but other SMTP_OAUTH_ variables are');
  const url = URL.canParse(tokenUrl) ? new URL(tokenUrl) : null;
  const local = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && local))
    return blame('TOKEN_URL', 'is no https:// address');
  if (clientId === null) return blame('CLIENT_ID', 'is not set');
  if (refreshToken === null && (clientSecret === null || scope === null))
    return blame(
      'REFRESH_TOKEN',
      'is not set, and neither are both SMTP_OAUTH_CLIENT_SECRET and SMTP_OAUTH_SCOPE',
    );
  return { tokenUrl, clientId, clientSecret, refreshToken, scope };
}
