import { plainText } from './outcome.ts';
import type { OauthClient } from './read-oauth.ts';

export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970; Infinity when the server does not say. */
  readonly expires: number;
}

/** The server of tokens could not be asked, or not now: that passes. */
export const TOKEN_LATER = 'ETOKENLATER';

const TIMEOUT = 20_000;
/** A token must outlive the login that it is for. */
const MARGIN = 60_000;

/**
 * Asks for a new access token (RFC 6749 §6, or §4.4 without a refresh token). Throws an Error whose message holds no
 * secret; its `code` is TOKEN_LATER unless the server refused us for good.
 */
export async function fetchToken(client: OauthClient, now: number): Promise<AccessToken> {
  const { tokenUrl, clientId, clientSecret, refreshToken, scope } = client;
  const body = new URLSearchParams({
    client_id: clientId,
    ...(clientSecret !== null && { client_secret: clientSecret }),
    ...(scope !== null && { scope }),
    ...(refreshToken === null
      ? { grant_type: 'client_credentials' }
      : { grant_type: 'refresh_token', refresh_token: refreshToken }),
  });
  const { host } = new URL(tokenUrl);
  const later = (words: string) =>
    Object.assign(new Error(`No token from ${host}: ${plainText(words)}`), { code: TOKEN_LATER });
  let status: number;
  let answer: Record<string, unknown>;
  try {
    // A redirect would carry the secrets to wherever it leads.
    const response = await fetch(tokenUrl, {
      method: 'POST',
      body,
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
    });
    status = response.status;
    answer = Object(await response.json().catch(() => null));
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string } };
    throw later(name === 'TimeoutError' ? 'it does not answer' : (cause?.code ?? message));
  }
  const { access_token: token, expires_in: lasts } = answer;
  if (status === 200 && typeof token === 'string' && token !== '')
    return { token, expires: Number(lasts) > 0 ? now + Number(lasts) * 1000 - MARGIN : Infinity };
  const words = [answer.error, answer.error_description]
    .filter((word) => typeof word === 'string')
    .join(', ');
  const said = `${status} ${words || 'without a token'}`;
  if (status >= 500 || status === 429 || status === 200) throw later(said);
  throw new Error(`${host} gives no token: ${plainText(said)}`);
}
