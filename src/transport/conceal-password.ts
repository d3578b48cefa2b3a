import type { SmtpRelay } from './parse-smtp-url.ts';

/**
 * Servers repeat what they were sent: takes the password out, and `token` when there is one, as they are and as logins
 * encode them.
 */
export function concealer(
  { user, password, oauth }: SmtpRelay,
  token: () => string = () => '',
): (text: string) => string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const forms = (secret: string) => [
    base64(`\0${user}\0${secret}`),
    base64(`user=${user}\x01auth=Bearer ${secret}\x01\x01`),
    base64(secret),
    secret,
  ];
  return (text) => {
    const secrets = [password, oauth?.clientSecret, oauth?.refreshToken, token()].filter(Boolean) as string[];
    // The code in front stays: a password may be a number.
    const conceal = (left: string, form: string) => left.replaceAll(form, '…');
    return text.slice(0, 3) + secrets.flatMap(forms).reduce(conceal, text.slice(3));
  };
}
