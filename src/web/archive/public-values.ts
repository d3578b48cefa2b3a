import type { Stencil } from '../../email/email.ts';
import { fill } from '../../email/stencil.ts';
import { GONE } from './web-page.ts';

/** A stencil for everybody: fallbacks stand for fields, choices fall as for a reader of whom nothing is known. */
export function forEverybody(stencil: Stencil): string {
  return fill(stencil, (name) => (name.startsWith('links.') ? GONE : undefined), {});
}
