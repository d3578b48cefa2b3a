/** Large relays, by the end of their host: they send from other addresses than the one that takes our mail. */
const RELAYS: readonly (readonly [host: string, include: string, name: string])[] = [
  ['amazonaws.com', 'amazonses.com', 'Amazon SES'],
  ['brevo.com', 'spf.brevo.com', 'Brevo'],
  ['sendinblue.com', 'spf.brevo.com', 'Brevo'],
  ['gmail.com', '_spf.google.com', 'Google'],
  ['google.com', '_spf.google.com', 'Google'],
  ['mailgun.org', 'mailgun.org', 'Mailgun'],
  ['mailjet.com', 'spf.mailjet.com', 'Mailjet'],
  ['messagingengine.com', 'spf.messagingengine.com', 'Fastmail'],
  ['migadu.com', 'spf.migadu.com', 'Migadu'],
  ['office365.com', 'spf.protection.outlook.com', 'Microsoft 365'],
  ['outlook.com', 'spf.protection.outlook.com', 'Microsoft 365'],
  ['postmarkapp.com', 'spf.mtasv.net', 'Postmark'],
  ['sendgrid.net', 'sendgrid.net', 'SendGrid'],
  ['sparkpostmail.com', 'sparkpostmail.com', 'SparkPost'],
];

export interface KnownRelay {
  readonly name: string;
  /** What an SPF record includes to allow it. */
  readonly include: string;
}

/** The company behind a host, if it is one of the large ones. */
export function knownRelay(host: string): KnownRelay | null {
  const found = RELAYS.find(([end]) => host.toLowerCase() === end || host.toLowerCase().endsWith(`.${end}`));
  return found ? { include: found[1], name: found[2] } : null;
}
