import { darken } from './darken.ts';
import { outlookBranch } from './outlook-branch.ts';

/** How an email is to be looked at. */
export interface Look {
  readonly scheme: 'light' | 'dark' | 'partial' | 'full';
  readonly images: 'on' | 'off';
  readonly styles: 'on' | 'off';
  readonly client: 'browser' | 'outlook';
  /** The local address of an image by its Content-ID, or by its path below `publicUrl`. */
  cid(id: string): string;
  /** Pictures at this address are not published yet; they are shown from this machine. Null: none are. */
  readonly publicUrl: string | null;
}

const TRANSPARENT = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

/**
 * An email's HTML for the frame of the preview. The colour scheme is decided here and not by the browser's settings:
 * `prefers-color-scheme` becomes a condition that always or never holds. Everything else is as readers get it.
 */
export function frameHtml(html: string, look: Look): string {
  const scheme = look.scheme === 'dark' ? 'dark' : 'light';
  const branch = look.client === 'outlook' ? outlookBranch(html) : html;
  const styled = look.styles === 'off' ? withoutStyles(branch) : branch;
  const shown = styled
    .replace(/@media([^{]*)\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi, (_all, before, asked) =>
      asked.toLowerCase() === scheme ? `@media${before}(min-width: 0)` : `@media${before}(max-width: 0)`,
    )
    .replace(/(<meta name="(?:supported-)?color-schemes?" content=")[^"]*"/gi, `$1${scheme}"`)
    .replace(/color-scheme:\s*light dark/gi, `color-scheme: ${scheme}`)
    // Links open beside the preview; those to a heading stay in the mail.
    .replace(/<a (?=[^>]*href="(?:https?|mailto):)/gi, '<a target="_blank" rel="noopener noreferrer" ')
    .replace(/(<img\b[^>]*?\ssrc=")([^"]*)"/gi, (_all, before: string, src: string) => {
      if (look.images === 'off') return `${before}${TRANSPARENT}" data-off="${src}"`;
      if (src.startsWith('cid:')) return `${before}${look.cid(src.slice(4))}"`;
      const hosted = look.publicUrl !== null && src.startsWith(`${look.publicUrl}/images/`);
      return hosted ? `${before}${look.cid(src.slice(look.publicUrl!.length))}"` : `${before}${src}"`;
    });
  return look.scheme === 'partial' || look.scheme === 'full' ? darken(shown, look.scheme) : shown;
}

function withoutStyles(html: string): string {
  return html.replace(/<style\b[\s\S]*?<\/style>/gi, '').replace(/\sclass="[^"]*"/gi, '');
}
