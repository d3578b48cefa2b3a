import type { App } from '../../app.ts';
import { linkSigner } from '../../audience/links.ts';
import type { Confirmation } from '../../audience/subscription.ts';
import type { Email } from '../../email/email.ts';
import type { Finding } from '../../finding.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Outcome } from '../../mail.ts';
import { prepareMessages } from '../../message/prepare-messages.ts';
import { senderOf } from '../../message/sender-of.ts';
import { confirmationIssue } from '../../web/confirmation-issue.ts';
import { confirmationOwner } from '../../web/find-reader.ts';
import { titlesOf } from '../../web/list-titles.ts';
import { type ConfirmationMailer, openConfirmationMailer } from '../../web/mail-confirmations.ts';
import { pageWordsFor } from '../../words/page-words.ts';

type Emails = Readonly<Record<Confirmation['purpose'], Email>>;

/** Compiles the two mails that ask to confirm, as any issue is; or what is wrong with their template. */
export async function compileConfirmations(
  app: App,
): Promise<{ readonly emails: Emails } | { readonly findings: readonly Finding[] }> {
  // Hosted pictures are those of issues that went out; the logo goes along.
  const newsletter = { ...app.config.newsletter, images: 'embedded' } as const;
  const template = await app.project.template('confirm');
  if ('findings' in template) return template;
  const { compileEmail } = await import('../../email/compile-email.ts');
  const emails: Partial<Record<Confirmation['purpose'], Email>> = {};
  for (const purpose of ['subscribe', 'move'] as const) {
    const { issue, findings } = confirmationIssue(newsletter, purpose);
    if (!issue) return { findings };
    const compiled = await compileEmail(issue, template, newsletter, app.project.assetReader(issue));
    if (!compiled.email) return { findings: compiled.findings };
    emails[purpose] = compiled.email;
  }
  return { emails: emails as Emails };
}

/** The address of the configuration's logo: https as it stands, or the file of the project as the mail embeds it. */
export function logoOf(app: App, { subscribe }: Emails): string | null {
  const { logo } = app.config.newsletter.brand;
  if (logo === null || /^https:/i.test(logo)) return logo;
  const [image] = subscribe.embedded;
  return image ? `data:${image.type};base64,${Buffer.from(image.bytes).toString('base64')}` : null;
}

/** The mailer of confirmations: through the mail server of the configuration, or into the inbox where there is none. */
export function openMailer(
  app: App,
  ledger: Ledger,
  emails: Emails,
  log: (line: string) => void,
): ConfirmationMailer {
  const { newsletter, linkSecret, dkimKey, smtpUrls } = app.config;
  const { lang } = pageWordsFor(newsletter.lang);
  const messageOf = (waiting: Confirmation) => {
    const email = emails[waiting.purpose];
    const list = waiting.lists[0] ?? newsletter.list;
    const campaign = {
      id: `confirm-${waiting.id}`,
      sender: senderOf(newsletter, email, list, 'confirmation'),
    };
    const signed = linkSigner(linkSecret!, confirmationOwner(waiting));
    const link = `${newsletter.publicUrl}/c/${signed({ purpose: 'live', action: 'confirm', row: waiting.id })}`;
    const lists = waiting.purpose === 'move' ? newsletter.name : titlesOf(newsletter, waiting.lists, lang);
    const { address, key } = waiting;
    const stamp = prepareMessages(email, campaign, { linkSecret, dkimKey });
    return stamp({ address, key, fields: { lists, link } }, Date.now());
  };
  return openConfirmationMailer({
    ledger,
    // A connection for each lot: between two of them hours may pass.
    async *send(waiting): AsyncGenerator<readonly [Confirmation, Outcome]> {
      const { transport, close } = await app.openTransport(smtpUrls.length === 0);
      try {
        for (const one of waiting) {
          const outcome = await transport.send(messageOf(one), async () => true);
          if (outcome.kind === 'withheld') throw new Error('A confirmation was withheld');
          yield [one, outcome];
        }
      } finally {
        await close();
      }
    },
    now: Date.now,
    log,
  });
}
