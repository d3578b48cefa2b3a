import type { NewsletterConfig } from './src/config.ts';

export default {
  name: 'The Broadsheet',
  tagline: 'Notes on sending mail as code',
  from: 'The Broadsheet <letters@broadsheet.example.com>',
  postalAddress: 'The Broadsheet, 1 Press Lane, Exampletown',
  siteUrl: 'https://broadsheet.example.com',
  // Where unsubscribe pages and published images live. Without it, readers unsubscribe by mail.
  // publicUrl: 'https://letters.broadsheet.example.com',
  unsubscribeMailto: 'unsubscribe@broadsheet.example.com',
  lang: 'en',
  list: 'weekly',
  lists: {
    weekly: { title: 'The Broadsheet, weekly', id: 'weekly.broadsheet.example.com', open: true },
    staff: { title: 'Staff proofs', id: 'staff.broadsheet.example.com' },
  },
  brand: { accent: '#b3261e', accentDark: '#ff9d8f' },
  limits: { perSecond: 20, connections: 5 },
} satisfies NewsletterConfig;
