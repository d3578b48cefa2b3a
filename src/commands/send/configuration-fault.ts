import type { Context } from '../../cli.ts';
import type { SendOptions } from '../send.ts';

/** What a live send lacks before it can begin, with what to do about it; null: nothing. */
export function configurationFault(
  { app }: Context,
  { inbox }: SendOptions,
): { message: string; hint: string } | null {
  const { newsletter, smtpUrls, linkSecret, databaseUrl, ledger, ledgerKey, ci } = app.config;
  if (!inbox && smtpUrls.length === 0)
    return {
      message: 'SMTP_URL is not set, so there is no server to send through.',
      hint: 'Put it into .env (see .env.example), or rehearse with --inbox.',
    };
  if (!newsletter.postalAddress)
    return {
      message: '"postalAddress" is not set in newsletter.config.ts: bulk mail must carry one.',
      hint: 'Add it, for example: postalAddress: "Name, Street 1, Town".',
    };
  if (newsletter.publicUrl && !linkSecret)
    return {
      message: 'LINK_SECRET is not set, so unsubscribe links cannot be signed.',
      hint: 'Make one with openssl rand -hex 32 and put it into .env.',
    };
  if (!newsletter.publicUrl && !newsletter.unsubscribeMailto)
    return {
      message: 'Readers could not unsubscribe: neither "publicUrl" nor "unsubscribeMailto" is set.',
      hint: 'Set one of them in newsletter.config.ts.',
    };
  if (!inbox && ledger === 'git' && !ledgerKey)
    return {
      message: 'LEDGER_KEY is not set: the ledger holds addresses, so its branch must be encrypted.',
      hint: 'Make one with openssl rand -hex 32 and keep it as a secret: without it the ledger cannot be read.',
    };
  if (!inbox && ci && ledger === null && databaseUrl === null)
    return {
      message: 'CI is set, and its machines forget their disk: the next run would send everything again.',
      hint: 'Set DATABASE_URL, or LEDGER=git and LEDGER_KEY, or LEDGER=file where .broadsheet/ lasts.',
    };
  return null;
}
