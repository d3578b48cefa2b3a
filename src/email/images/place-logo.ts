import type { Finding } from '../../finding.ts';
import type { Brand } from '../../newsletter.ts';
import type { LayoutInput } from '../layout/layout-input.ts';
import type { ImagePlacer } from './image-source.ts';

/**
 * Places the brand's logo: an https address as it is, a file of the project prepared like any image. A transparent one
 * is set on the sheet's colour, for dark modes turn the sheet and not the picture: dark letters would vanish. Gives null
 * when there is none, or the finding when it cannot be shown.
 */
export async function placeLogo(
  brand: Brand,
  placer: ImagePlacer,
): Promise<LayoutInput['logo'] | { readonly finding: Finding }> {
  if (brand.logo === null) return null;
  const isAddress = /^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(brand.logo);
  const src = isAddress ? brand.logo : `/${brand.logo.replace(/^\.?\/+/, '')}`;
  const image = await placer.place(src, { width: brand.logoWidth, ground: brand.surface });
  if (image.kind === 'remote') return { src: image.src, width: brand.logoWidth, height: null };
  if (image.kind === 'local') return image;
  return {
    finding: {
      rule: 'image-logo',
      severity: 'error',
      path: 'newsletter.config.ts',
      line: 1,
      column: 1,
      message: `The logo "${brand.logo.slice(0, 80)}" cannot be shown: ${image.fault}.`,
      hint: 'Give a path in the project such as templates/logo.png, or an https address.',
    },
  };
}
