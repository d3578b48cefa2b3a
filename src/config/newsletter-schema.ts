import { z } from 'zod';
import { parseExpression } from '../expression.ts';
import type { Mailbox } from '../mail.ts';
import { parseMailbox } from '../mailbox.ts';
import { limits, relays } from './limits.ts';

const oneLine = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .refine((text) => !/\p{Cc}/u.test(text), 'must not hold line breaks or control characters');

const mailbox = oneLine.transform((text, context): Mailbox => {
  const parsed = parseMailbox(text);
  if ('address' in parsed) return parsed;
  context.addIssue({ code: 'custom', message: `${parsed.fault}; write it like "Name <name@example.com>"` });
  return z.NEVER;
});

const address = mailbox.transform((box) => box.address);

const webAddress = oneLine.transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const local = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && local)) && !url.search && !url.hash)
    return url.href.replace(/\/+$/, '');
  context.addIssue({ code: 'custom', message: 'must be an https:// address without ? or #' });
  return z.NEVER;
});

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour like #b3261e');
const fontStack = oneLine.refine(
  (text) => !/[;{}<>"\\]/.test(text),
  "must be a plain list of fonts; quote names with '",
);
const count = z.number().int().positive();
const domain = z
  .string()
  .regex(/^(?=.{1,253}$)([a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}$/i, 'must be a domain name');

const SERIF = "Georgia, 'Times New Roman', serif";
// Short, for it stands at every piece of code: macOS has the first, Windows the second.
const MONO = 'Menlo, Consolas, monospace';

const brand = z.strictObject({
  accent: colour.default('#b3261e'),
  accentDark: colour.default('#ff9d8f'),
  background: colour.default('#f4f1ec'),
  surface: colour.default('#ffffff'),
  text: colour.default('#1f1d1a'),
  muted: colour.default('#625d56'),
  logo: oneLine.nullable().default(null),
  logoWidth: count.max(600).default(160),
  fontBody: fontStack.default(SERIF),
  fontHeading: fontStack.default(SERIF),
  fontMono: fontStack.default(MONO),
});

const listInfo = z.strictObject({
  title: oneLine,
  id: domain.optional(),
  why: oneLine.nullable().default(null),
  open: z.boolean().default(false),
});

/** Fields that readers fill in, and what they are called; not those that the form itself needs. */
const profile = z.record(z.string(), oneLine).superRefine((fields, context) => {
  for (const name of Object.keys(fields))
    if (!/^(?!(?:email|name|list|form|website)$)[a-z][a-z0-9_]{0,63}$/.test(name))
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'must be the name of a field such as "city", in small letters',
      });
});

const segment = z.strictObject({
  list: oneLine,
  where: oneLine.superRefine((text, context) => {
    const parsed = parseExpression(text);
    if ('fault' in parsed)
      context.addIssue({ code: 'custom', message: `${parsed.fault} (column ${parsed.offset + 1})` });
  }),
});

/** What `newsletter.config.ts` may hold: every key with its rule and what it is when it is left out. */
export const newsletterSchema = z.strictObject({
  name: oneLine,
  tagline: oneLine.nullable().default(null),
  from: mailbox,
  replyTo: mailbox.nullable().default(null),
  postalAddress: z.string().trim().min(1).nullable().default(null),
  siteUrl: webAddress.nullable().default(null),
  publicUrl: webAddress.nullable().default(null),
  unsubscribeMailto: address.nullable().default(null),
  bounceAddress: address.nullable().default(null),
  lang: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as "en" or "pt-BR"')
    .default('en'),
  brand: brand.prefault({}),
  list: oneLine.default('weekly'),
  template: oneLine.default('newsletter'),
  images: z.enum(['hosted', 'embedded']).default('hosted'),
  assetsDir: z
    .string()
    .regex(
      /^(?!\.)[^/\\\0]+(?:\/(?!\.)[^/\\\0]+)*$/,
      'must be a folder of the project, such as "static/images"',
    )
    .default('assets'),
  lists: z.record(oneLine, listInfo).default({}),
  profile: profile.default({}),
  segments: z
    .record(oneLine, segment)
    .superRefine((segments, context) => {
      for (const [name, { list }] of Object.entries(segments))
        if (Object.hasOwn(segments, list))
          context.addIssue({
            code: 'custom',
            path: [name, 'list'],
            message: `"${list}" is a segment itself; name a list`,
          });
    })
    .default({}),
  limits,
  relays,
  dkim: z
    .strictObject({ domain, selector: oneLine, exclude: z.array(oneLine).default([]) })
    .nullable()
    .default(null),
  archive: z.array(oneLine).nullable().default(null),
  silence: z.array(oneLine).default([]),
  approval: z.enum(['required', 'none']).optional(),
});
/** What an author writes in `newsletter.config.ts`: only `name` and `from` are required. */
export type NewsletterConfig = z.input<typeof newsletterSchema>;
