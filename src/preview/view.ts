/** The state of the page: all of it stands in the URL, so that every view can be bookmarked and shared. */
export interface View {
  readonly pane: (typeof PANES)[number];
  readonly width: (typeof WIDTHS)[number];
  readonly scheme: (typeof SCHEMES)[number];
  readonly images: (typeof IMAGES)[number];
  /** Address of the reader, or `made-up:KIND`; '' is the first on the list. */
  readonly as: string;
  /** What is searched for among the readers. */
  readonly find: string;
}

export const PANES = ['email', 'text', 'markdown', 'mjml', 'html', 'headers', 'raw'] as const;
export const WIDTHS = ['320', '375', '414', '600', '768', 'full'] as const;
export const SCHEMES = ['light', 'dark'] as const;
export const IMAGES = ['on', 'off'] as const;

/** Reads the state out of a query string; what is not known is as if it were not there. */
export function parseView(query: URLSearchParams): View {
  return {
    pane: oneOf(PANES, query.get('pane'), 'email'),
    width: oneOf(WIDTHS, query.get('width'), 'full'),
    scheme: oneOf(SCHEMES, query.get('scheme'), 'light'),
    images: oneOf(IMAGES, query.get('images'), 'on'),
    as: query.get('as')?.slice(0, 320) ?? '',
    find: query.get('find')?.slice(0, 320) ?? '',
  };
}

/** The query of a view with some things changed: `?pane=text&width=375`, or '' for the plain view. */
export function viewQuery(view: View, changes: Partial<View> = {}): string {
  const plain = parseView(new URLSearchParams());
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...view, ...changes }))
    if (value !== plain[name as keyof View]) query.set(name, value);
  const text = query.toString();
  return text && `?${text}`;
}

function oneOf<T extends string>(known: readonly T[], given: string | null, plain: T): T {
  return known.find((one) => one === given) ?? plain;
}
