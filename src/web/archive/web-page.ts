import type { Email, EmbeddedImage, HostedImage } from '../../email/email.ts';

/** Stands where a link of a mail leads nowhere on a page: `withoutDeadLinks` takes it out with its words. */
export const GONE = 'about:gone';

/** What a page has that the mail has not. Both are HTML. */
export interface Around {
  readonly head: string;
  /** At the top of the body. */
  readonly nav: string;
  /** From the page up to where `archive/` and `images/` are: `../`. */
  readonly up: string;
}

/** An image of an email as a file: below `images/`, named by its content, so that it never changes. */
export interface ImageFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The HTML of a mail, filled, as a page of the web: its pictures are files, and there is a way on. `publicUrl`: as it was then. */
export function webPage(html: string, email: Email, publicUrl: string | null, around: Around): string {
  const pictures = new Map<string, string>([
    ...email.embedded.map((image): [string, string] => [`cid:${image.cid}`, embeddedFile(image).name]),
    ...email.hosted.map((image): [string, string] => [`${publicUrl}${image.path}`, hostedFile(image).name]),
  ]);
  let page = withoutDeadLinks(html);
  for (const [src, name] of pictures) page = page.replaceAll(`"${src}"`, `"${around.up}images/${name}"`);
  return page
    .replace(/<\/head>/i, () => `${around.head}</head>`)
    .replace(/<body\b[^>]*>/i, (body) => `${body}${around.nav}<main>`)
    .replace(/<\/body>(?![\s\S]*<\/body>)/i, '</main></body>');
}

/** All pictures of an email as files. */
export function imageFiles(email: Email): ImageFile[] {
  return [...email.embedded.map(embeddedFile), ...email.hosted.map(hostedFile)];
}

function hostedFile({ path, type, bytes }: HostedImage): ImageFile {
  return { name: path.slice(path.lastIndexOf('/') + 1), type, bytes };
}

function embeddedFile({ type, filename, bytes }: EmbeddedImage): ImageFile {
  return { name: filename.replace(/[^\w.-]+/g, '-'), type, bytes };
}

/** Signs between the links of a footer. */
const BETWEEN = '(?:&nbsp;|&#160;|\\u00a0|\\s|[·|•/–-])*';
const MARK = '\ue000';

/** Takes out links to nowhere, with the signs between them, and the paragraph that held nothing else. */
function withoutDeadLinks(html: string): string {
  const marked = html
    .replaceAll(MARK, '')
    .replace(new RegExp(`<a\\b[^>]*\\shref="${GONE}"[^>]*>.*?</a>`, 'gs'), MARK);
  return marked
    .replace(new RegExp(`<p\\b[^>]*>${BETWEEN}(?:${MARK}${BETWEEN})+</p>`, 'g'), '')
    .replace(
      new RegExp(`(${BETWEEN})${MARK}(?:${BETWEEN}${MARK})*${BETWEEN}`, 'g'),
      (_all, before: string, offset: number, whole: string) => {
        const rest = whole.slice(offset + _all.length, offset + _all.length + 2);
        const opens = /<(?!\/)[^<>]*>$/.test(whole.slice(Math.max(0, offset - 500), offset));
        // Between two others one sign stays; beside the edge of the paragraph none.
        return rest === '</' || opens ? '' : before;
      },
    );
}
