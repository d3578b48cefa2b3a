import type { Subscriber } from '../audience/audience.ts';

/** Readers that no list has yet, to see what becomes of an issue with them. */
export const MADE_UP = {
  'made-up:nothing': 'nothing known',
  'made-up:long': 'very long values',
  'made-up:rtl': 'right to left',
  'made-up:hostile': 'hostile characters',
} as const;

const VALUES: Readonly<Record<keyof typeof MADE_UP, string>> = {
  'made-up:nothing': '',
  'made-up:long': 'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff the Elder of Nowhere-upon-Somewhere',
  'made-up:rtl': 'شهرزاد قصه‌گو',
  'made-up:hostile': `"><script>alert(1)</script>'&{{x}} \u202e\u0000=?UTF-8?Q?x?=`,
};

/** A made-up reader with these fields; null when `name` names none. */
export function madeUpReader(name: string, fields: readonly string[]): Subscriber | null {
  if (!Object.hasOwn(VALUES, name)) return null;
  const value = VALUES[name as keyof typeof MADE_UP];
  const address = 'made.up@example.com';
  return { address, key: address, fields: Object.fromEntries(fields.map((field) => [field, value])) };
}
