import type { Campaign } from '../../campaign/campaign.ts';
import type { Email } from '../../email/email.ts';
import { unpackEmail } from '../../email/pack-email.ts';
import { fill } from '../../email/stencil.ts';
import { holeValue } from '../../message/hole-value.ts';
import { readerLinks } from '../../message/reader-links.ts';
import { isArchivedList, type Newsletter } from '../../newsletter.ts';
import { type ArchiveLedger, findIssues } from './find-issues.ts';
import { forEverybody, withoutWhy } from './public-values.ts';
import { pageNav, publicHead } from './render-around.ts';
import { GONE, type ImageFile, imageFiles, webPage } from './web-page.ts';

/** An issue in the archive, as its index and feeds tell it. */
export interface ArchivedIssue {
  readonly slug: string;
  readonly title: string;
  /** The line that inboxes show beside the subject; may be ''. */
  readonly summary: string;
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  /** When it went out, ms since 1970. */
  readonly at: number;
}

/** A reader's delivery, for their own version of an issue. */
export interface OwnDelivery {
  readonly id: number;
  readonly campaignId: string;
  readonly key: string;
  readonly address: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Archive {
  /** The newest first. */
  issues(): Promise<ArchivedIssue[]>;
  /** The public page of an issue, without a personal field; null: it is not public. */
  page(slug: string): Promise<string | null>;
  /** The page of one reader, as their mail was; null: there is none. */
  ownPage(delivery: OwnDelivery): Promise<string | null>;
  image(name: string): Promise<ImageFile | null>;
  /** The pictures of a public issue. */
  imagesOf(slug: string): Promise<ImageFile[]>;
}

/** So many emails are kept read: each may hold megabytes of pictures. */
const KEPT = 8;

/** Opens the archive of what the ledger says went out. Emails never change, so what was read of them is kept. */
export function openArchive(ledger: ArchiveLedger, newsletter: Newsletter, secret: string | null): Archive {
  const emails = new Map<string, Promise<Email>>();
  const known = new Map<
    string,
    Promise<Pick<ArchivedIssue, 'title' | 'summary' | 'lang' | 'dir'> & { images: string[]; hidden: boolean }>
  >();
  const ended = new Map<string, boolean>();
  const emailOf = (campaignId: string): Promise<Email> => {
    const email = emails.get(campaignId) ?? ledger.email(campaignId).then(unpackEmail);
    emails.delete(campaignId);
    emails.set(campaignId, email);
    if (emails.size > KEPT) emails.delete(emails.keys().next().value!);
    // A ledger that does not answer for a moment shall be asked again.
    email.catch(() => emails.delete(campaignId));
    return email;
  };
  const aboutOf = (campaignId: string) => {
    const about =
      known.get(campaignId) ??
      emailOf(campaignId).then((email) => ({
        title: forEverybody(email.subject).trim(),
        summary: forEverybody(email.preheader).trim(),
        lang: email.lang,
        dir: email.dir,
        images: imageFiles(email).map(({ name }) => name),
        hidden: email.archive === false,
      }));
    known.set(campaignId, about);
    about.catch(() => known.delete(campaignId));
    return about;
  };
  const published = async () => {
    const all = await findIssues(ledger, (list) => isArchivedList(newsletter, list), ended);
    const shown = await Promise.all(
      all.map(async (one) => ({ ...one, ...(await aboutOf(one.campaign.id)) })),
    );
    return shown.filter(({ hidden }) => !hidden);
  };
  const find = async (slug: string): Promise<Campaign | null> =>
    (await published()).find((one) => one.slug === slug)?.campaign ?? null;

  return {
    issues: async () =>
      (await published()).map(({ slug, title, summary, lang, dir, at }) => ({
        slug,
        title,
        summary,
        lang,
        dir,
        at,
      })),
    async page(slug) {
      const campaign = await find(slug);
      if (!campaign) return null;
      const email = await emailOf(campaign.id);
      const { listName, listTitle, publicUrl } = campaign.sender;
      const html = withoutWhy(forEverybody(email.html), email, listTitle, newsletter.lists[listName]);
      return webPage(html, email, publicUrl, {
        head: publicHead(newsletter, slug, forEverybody(email.subject), forEverybody(email.preheader)),
        nav: pageNav(newsletter, email, '../'),
        up: '../../',
      });
    },
    async ownPage({ id, campaignId, key, address, fields: given }) {
      const campaign = await ledger.campaign(campaignId);
      if (!campaign) return null;
      const email = await emailOf(campaignId);
      const fields = { email: address, ...given };
      const links = { ...readerLinks(campaign.sender, { id, key }, secret), web: GONE };
      const html = fill(email.html, (name) => holeValue(name, fields, links), fields);
      return webPage(html, email, campaign.sender.publicUrl, {
        head: '<meta name="robots" content="noindex">',
        nav: pageNav(newsletter, email, '../archive/'),
        up: '../',
      });
    },
    async image(name) {
      for (const campaign of (await ledger.campaigns()).reverse()) {
        if (campaign.state === 'planned') continue;
        if (!(await aboutOf(campaign.id)).images.includes(name)) continue;
        return imageFiles(await emailOf(campaign.id)).find((file) => file.name === name) ?? null;
      }
      return null;
    },
    async imagesOf(slug) {
      const campaign = await find(slug);
      return campaign ? imageFiles(await emailOf(campaign.id)) : [];
    },
  };
}
