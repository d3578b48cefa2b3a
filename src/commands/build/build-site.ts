import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { LedgerBusy, LedgerError } from '../../ledger/ledger.ts';
import { type Archive, openArchive } from '../../web/archive/open-archive.ts';
import { archiveUrl } from '../../web/archive/render-around.ts';
import { renderFeeds } from '../../web/archive/render-feed.ts';
import { indexHead, renderIndex } from '../../web/archive/render-index.ts';
import { openPages } from '../../web/pages.ts';

/**
 * `npm run build -- --site DIR`: writes the archive that the public server shows as files for any host: `archive/`, whole
 * and at once, so that what is no longer public goes, and `images/`, where nothing ever changes.
 */
export async function buildSite(
  { app, terminal }: Context,
  options: { readonly site: string; readonly json?: boolean },
): Promise<number> {
  const { newsletter, linkSecret, root } = app.config;
  const base = archiveUrl(newsletter);
  if (base === null) {
    terminal.complain(
      'Feeds must say where the archive is on the web, and neither "publicUrl" nor "siteUrl" is set.',
      'Set one of them in newsletter.config.ts.',
    );
    return EXIT.configuration;
  }
  const folder = resolve(root, options.site);
  const place = join(folder, 'archive');
  if (existsSync(place) && !existsSync(join(place, 'atom.xml'))) {
    terminal.complain(`${place} is no archive of ours, so it is not replaced.`, 'Name another folder.');
    return EXIT.usage;
  }
  try {
    const ledger = app.hasLedger() ? await app.openLedger({ create: false, readOnly: true }) : null;
    try {
      const archive = ledger && openArchive(ledger, newsletter, linkSecret);
      const written = await write(archive, { newsletter, base, folder, place });
      if (options.json)
        terminal.print(JSON.stringify({ folder, issues: written.issues, files: written.files }));
      else for (const file of written.files) terminal.print(join(folder, file));
      terminal.say(
        written.issues.length === 0
          ? 'Nothing was ever sent from here: the archive is empty.'
          : `${written.issues.length} issues, for ${base}`,
      );
      return EXIT.ok;
    } finally {
      await ledger?.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    terminal.complain(error.message);
    return error instanceof LedgerBusy ? EXIT.again : EXIT.configuration;
  }
}

async function write(
  archive: Archive | null,
  site: {
    readonly newsletter: Parameters<typeof openPages>[0];
    readonly base: string;
    readonly folder: string;
    readonly place: string;
  },
): Promise<{ readonly issues: string[]; readonly files: string[] }> {
  const { newsletter, base, folder, place } = site;
  const staging = `${place}.${process.pid}`;
  const files: string[] = [];
  const put = async (into: string, name: string, content: string | Uint8Array, shown: string) => {
    const path = join(into, name);
    // Slugs and names are made without separators; nothing is ever written elsewhere, whatever a ledger holds.
    if (!path.startsWith(into + sep)) throw new Error(`${shown} would be written outside ${into}`);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, content);
    files.push(shown);
  };
  try {
    const issues = (await archive?.issues()) ?? [];
    const pages = openPages(newsletter);
    const index = pages.document(
      pages.words.archive,
      renderIndex(newsletter, pages, issues),
      indexHead(newsletter),
    );
    const { atom, rss } = renderFeeds(newsletter, issues, base);
    await put(staging, 'index.html', String(index), 'archive/index.html');
    await put(staging, 'atom.xml', atom, 'archive/atom.xml');
    await put(staging, 'rss.xml', rss, 'archive/rss.xml');
    for (const { slug } of issues) {
      const page = await archive!.page(slug);
      if (page === null) continue;
      await put(staging, join(slug, 'index.html'), page, `archive/${slug}/index.html`);
      for (const { name, bytes } of await archive!.imagesOf(slug))
        await put(join(folder, 'images'), name, bytes, `images/${name}`);
    }
    await rm(place, { recursive: true, force: true });
    await rename(staging, place);
    return { issues: issues.map(({ slug }) => slug), files: [...new Set(files)] };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
