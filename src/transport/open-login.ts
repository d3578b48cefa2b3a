import XOAuth2 from 'nodemailer/lib/xoauth2';
import { concealer } from './conceal-password.ts';
import { fetchToken } from './fetch-token.ts';
import { answered, type Opening } from './open-connection.ts';
import type { SmtpRelay } from './parse-smtp-url.ts';

export interface Login {
  /** Logs a connection in, where the relay has a user; throws what nodemailer throws. */
  logIn(opening: Opening): Promise<void>;
  /** Takes every secret of the login out of what a server said. */
  conceal(text: string): string;
}

/**
 * The login to a relay, for all its lanes: by password, or by an OAuth 2 token (SASL XOAUTH2, as Google and Microsoft
 * take it), which is the password itself or is fetched, shared by the lanes, and fetched anew when it is refused.
 */
export function openLogin(relay: SmtpRelay): Login {
  const { user, password, oauth } = relay;
  const oauth2 =
    relay.auth === 'xoauth2'
      ? new XOAuth2({
          user: user ?? '',
          accessToken: password ?? '',
          ...(oauth && {
            provisionCallback: (_user, _renew, done) =>
              void fetchToken(oauth, Date.now()).then(
                ({ token, expires }) => done(null, token, expires),
                (error) => done(error),
              ),
          }),
        })
      : null;
  const auth = oauth2
    ? { user, type: 'oauth2', oauth2 }
    : { credentials: { user: user ?? '', pass: password ?? '' } };
  return {
    conceal: concealer(relay, () => String(oauth2?.accessToken || '')),
    async logIn(opening) {
      if (user === null) return;
      await answered(opening, (done) => opening.connection.login(auth as never, done));
    },
  };
}
