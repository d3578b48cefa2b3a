/** What to do about a mail server that would not let us in, by what it or the network said. */
export function mendServer(reason: string): string {
  if (/certificate|altnames/i.test(reason))
    return 'Correct the host in SMTP_URL; of an authority of your own, name the file in NODE_EXTRA_CA_CERTS.';
  if (/token/i.test(reason)) return 'Make a new token, or check the SMTP_OAUTH_ variables.';
  return 'Check the user, the password and the port in SMTP_URL.';
}
