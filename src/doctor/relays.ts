/**
 * Large relays, by the end of their host: they send from other addresses than the one that takes our mail. `own`: they
 * put a reverse-path of theirs in the place of ours, so that SPF is looked up there, and tell bounces by webhooks.
 */
const RELAYS: readonly (readonly [host: string, include: string, name: string, path?: 'own'])[] = [
  ['amazonaws.com', 'amazonses.com', 'Amazon SES', 'own'],
  ['brevo.com', 'spf.brevo.com', 'Brevo', 'own'],
  ['sendinblue.com', 'spf.brevo.com', 'Brevo', 'own'],
  ['gmail.com', '_spf.google.com', 'Google'],
  ['google.com', '_spf.google.com', 'Google'],
  ['mailgun.org', 'mailgun.org', 'Mailgun', 'own'],
  ['mailjet.com', 'spf.mailjet.com', 'Mailjet', 'own'],
  ['messagingengine.com', 'spf.messagingengine.com', 'Fastmail'],
  ['migadu.com', 'spf.migadu.com', 'Migadu'],
  ['office365.com', 'spf.protection.outlook.com', 'Microsoft 365'],
  ['outlook.com', 'spf.protection.outlook.com', 'Microsoft 365'],
  ['postmarkapp.com', 'spf.mtasv.net', 'Postmark', 'own'],
  ['sendgrid.net', 'sendgrid.net', 'SendGrid', 'own'],
  ['sparkpostmail.com', 'sparkpostmail.com', 'SparkPost', 'own'],
];

export interface KnownRelay {
  readonly name: string;
  /** What an SPF record includes to allow it. */
  readonly include: string;
  /** It puts its own reverse-path in the place of ours. */
  readonly ownPath: boolean;
}

/** The company behind a host, if it is one of the large ones. */
export function knownRelay(host: string): KnownRelay | null {
  const found = RELAYS.find(([end]) => host.toLowerCase() === end || host.toLowerCase().endsWith(`.${end}`));
  return found ? { include: found[1], name: found[2], ownPath: found[3] === 'own' } : null;
}
