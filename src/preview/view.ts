/** The state of the page: all of it stands in the URL, so that every view can be bookmarked and shared. */
export interface View {
  readonly pane: (typeof PANES)[number];
  readonly width: (typeof WIDTHS)[number];
  /** `partial` and `full` are what mail programs make of a mail by themselves; `beside`: light and dark as authored. */
  readonly scheme: (typeof SCHEMES)[number];
  readonly images: (typeof ON_OFF)[number];
  /** `off`: without `<style>`, as some Gmail accounts show it. */
  readonly styles: (typeof ON_OFF)[number];
  /** `outlook`: the branch of conditional comments that Word's engine takes. */
  readonly client: (typeof CLIENTS)[number];
  readonly zoom: (typeof ZOOMS)[number];
  /** Address of the reader, or `made-up:KIND`; '' is the first on the list. */
  readonly as: string;
  /** What is searched for among the readers. */
  readonly find: string;
  /** Choices decided by hand: `0.then,2.else`, by their order in the mail. */
  readonly choose: string;
  /** What the issue is compared with: `sent:CAMPAIGN`, `git:HASH`; '' is the latest. */
  readonly against: string;
  /** Only issues with this in their title or path are listed. */
  readonly filter: string;
}

export const PANES = [
  'email',
  'text',
  'markdown',
  'mjml',
  'html',
  'headers',
  'raw',
  'links',
  'clients',
  'compare',
] as const;
export const WIDTHS = ['320', '375', '414', '600', '768', 'full'] as const;
export const SCHEMES = ['light', 'dark', 'beside', 'partial', 'full'] as const;
export const ON_OFF = ['on', 'off'] as const;
export const CLIENTS = ['browser', 'outlook'] as const;
export const ZOOMS = ['50', '75', '100', '125', '150'] as const;

/** Reads the state out of a query string; what is not known is as if it were not there. */
export function parseView(query: URLSearchParams): View {
  return {
    pane: oneOf(PANES, query.get('pane'), 'email'),
    width: oneOf(WIDTHS, query.get('width'), 'full'),
    scheme: oneOf(SCHEMES, query.get('scheme'), 'light'),
    images: oneOf(ON_OFF, query.get('images'), 'on'),
    styles: oneOf(ON_OFF, query.get('styles'), 'on'),
    client: oneOf(CLIENTS, query.get('client'), 'browser'),
    zoom: oneOf(ZOOMS, query.get('zoom'), '100'),
    as: query.get('as')?.slice(0, 320) ?? '',
    find: query.get('find')?.slice(0, 320) ?? '',
    choose: query.get('choose')?.match(/^(?:\d{1,3}\.(?:then|else),?){1,50}$/)?.[0] ?? '',
    against: query.get('against')?.match(/^(?:sent|git):[\w-]{1,64}$/)?.[0] ?? '',
    filter: query.get('filter')?.slice(0, 100) ?? '',
  };
}

const PLAIN = parseView(new URLSearchParams());

/** The query of a view with some things changed: `?pane=text&width=375`, or '' for the plain view. */
export function viewQuery(view: View, changes: Partial<View> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...view, ...changes }))
    if (value !== PLAIN[name as keyof View]) query.set(name, value);
  const text = query.toString();
  return text && `?${text}`;
}

function oneOf<T extends string>(known: readonly T[], given: string | null, plain: T): T {
  return known.find((one) => one === given) ?? plain;
}
