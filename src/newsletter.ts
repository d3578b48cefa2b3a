import type { Mailbox } from './mail.ts';

/** What `newsletter.config.ts` says about the newsletter. A leaf: plain, frozen, serialisable data. */
export interface Newsletter {
  readonly name: string;
  readonly from: Mailbox;
  readonly replyTo: Mailbox | null;
  /** Lines of the postal address that bulk mail must carry (CAN-SPAM §7704(a)(5)); null: not given. */
  readonly postalAddress: string | null;
  /** The website, https, no slash at the end; relative links resolve against it. */
  readonly siteUrl: string | null;
  /** Where `serve` and hosted images live, https, no slash at the end. Null: mailto unsubscribe, cid images. */
  readonly publicUrl: string | null;
  /** Receives unsubscribe requests by mail when it is set. */
  readonly unsubscribeMailto: string | null;
  /** VERP: `bounce@example.com` gives reverse-paths `bounce+TOKEN@example.com`. Null: the From address. */
  readonly bounceAddress: string | null;
  /** BCP 47; the default of issues without `lang`. */
  readonly lang: string;
  readonly brand: Brand;
  /** Defaults of issues. */
  readonly list: string;
  readonly template: string;
  readonly images: 'hosted' | 'embedded';
  readonly lists: Readonly<Record<string, ListInfo>>;
  /** Fields, besides `name`, that readers may fill in themselves, with what they are called on the form. */
  readonly profile: Readonly<Record<string, string>>;
  /** Parts of lists, by names that stand wherever a list's may. */
  readonly segments: Readonly<Record<string, Segment>>;
  readonly limits: Limits;
  /** What differs for one of several mail servers, by its host. */
  readonly relays: Readonly<Record<string, Partial<RelayLimits> & { readonly weight?: number | undefined }>>;
  readonly dkim: {
    readonly domain: string;
    readonly selector: string;
    readonly exclude: readonly string[];
  } | null;
  /** The folder of the project where an image's address from the root, `/logo.png`, is looked for too. */
  readonly assetsDir: string;
  /** Lists whose issues are in the public archive; null: all but `staff`. */
  readonly archive: readonly string[] | null;
  /** Rules silenced everywhere. */
  readonly silence: readonly string[];
}

/** Those of a list for whom a condition is true, in the language of `::: if`. */
export interface Segment {
  readonly list: string;
  readonly where: string;
}

export interface ListInfo {
  readonly title: string;
  /** RFC 2919 List-Id without brackets: `weekly.example.com`. */
  readonly id: string;
  /** One sentence for the footer: why the reader gets this. Null: the fixed words. */
  readonly why: string | null;
  /** Readers may subscribe to it on the web. */
  readonly open: boolean;
}

export interface Brand {
  /** `#rrggbb`. Dark variants are used under `prefers-color-scheme: dark`. */
  readonly accent: string;
  readonly accentDark: string;
  readonly background: string;
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  /** https URL or a path in the project; null: the name set in type. */
  readonly logo: string | null;
  readonly logoWidth: number;
  readonly fontBody: string;
  readonly fontHeading: string;
  readonly fontMono: string;
  readonly tagline: string | null;
}

/** How many messages may begin in any second, minute, hour and day. Null is unlimited. */
export interface Rate {
  readonly perSecond: number | null;
  readonly perMinute: number | null;
  readonly perHour: number | null;
  readonly perDay: number | null;
}

/** What one mail server is given. */
export interface RelayLimits extends Rate {
  /** At once, of each process. */
  readonly connections: number;
  readonly warmUp: WarmUp | null;
}

/** A new address of a server earns its name slowly: so many messages on the first day, on the second and so on. */
export interface WarmUp {
  /** The first day, `2030-01-07` (UTC). Null: that of the first message through this server. */
  readonly from: string | null;
  /** After the last of them `perDay` alone counts. */
  readonly days: readonly number[];
}

/** What the servers of one domain of readers are given, over all relays. */
export interface DomainLimits extends Rate {
  /** Messages in flight at once, of each process. */
  readonly connections: number | null;
}

export interface Limits extends RelayLimits {
  /** By domain, in lower case; `*` is each domain that is not named. */
  readonly domains: Readonly<Record<string, DomainLimits>>;
}

/** The list that a name stands for: a segment is a part of one, and its readers are that list's subscribers. */
export function listBehind({ segments }: Newsletter, name: string): string {
  return Object.hasOwn(segments, name) ? segments[name]!.list : name;
}

/** Whether the public archive has what went to this list. */
export function isArchivedList({ archive }: Newsletter, list: string): boolean {
  return archive === null ? list !== 'staff' : archive.includes(list);
}
