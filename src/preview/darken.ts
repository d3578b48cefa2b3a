import { type Colour, parseColour } from '../check/contrast.ts';

/**
 * What mail programs make of a mail in their dark mode when they do not ask it. `partial`: Outlook's apps and
 * outlook.com turn light backgrounds dark and dark text light, and leave what is dark already. `full`: Gmail on iOS
 * turns every colour around. Pictures stay. Neither looks at `prefers-color-scheme`. The lightness is turned around
 * and the hue kept, as both were seen to do; no program's exact curve is published.
 */
export function darken(html: string, how: 'partial' | 'full'): string {
  const turned = html
    .replace(
      /(\sstyle=")([^"]*)"/gi,
      (_all, before: string, style: string) => `${before}${turn(style, how)}"`,
    )
    .replace(
      /(\s(bgcolor|color)=")([^"]*)"/gi,
      (_all, before: string, name: string, value: string) =>
        `${before}${turnColour(value, name.toLowerCase() === 'color' ? 'text' : 'surface', how)}"`,
    )
    .replace(
      /(<style\b[^>]*>)([\s\S]*?)(<\/style>)/gi,
      (_all, open, css: string, close) => open + turn(css, how) + close,
    );
  // What has no colour of its own is black on white until it is turned around.
  const ground = '<style>html{background:#0f0f0f;color:#fff}</style>';
  return /<\/head>/i.test(turned) ? turned.replace(/<\/head>/i, `${ground}</head>`) : ground + turned;
}

function turn(css: string, how: 'partial' | 'full'): string {
  return css.replace(
    /((?:^|[;{\s])((?:background|border|outline)(?:-[a-z-]+)?|color|fill|stroke)\s*:)([^;}"]+)/gi,
    (_all, before: string, name: string, value: string) => {
      const role = /^(?:color|fill|stroke)$/i.test(name) ? 'text' : 'surface';
      const colours = value.replace(/#[\da-f]{3,6}\b|rgb\([^)]*\)|\b[a-z]{3,12}\b(?!\()/gi, (one) =>
        turnColour(one, role, how),
      );
      return before + colours;
    },
  );
}

function turnColour(written: string, role: 'text' | 'surface', how: 'partial' | 'full'): string {
  const colour = parseColour(written);
  if (!colour) return written;
  const [hue, saturation, lightness] = toHsl(colour);
  const stays = how === 'partial' && (role === 'text' ? lightness > 0.5 : lightness <= 0.5);
  if (stays) return written;
  // Not quite black: programs stop at their own dark grey.
  const turned = role === 'surface' ? Math.max(1 - lightness, 0.07) : 1 - lightness;
  return toHex(hue, saturation, turned);
}

function toHsl([red, green, blue]: Colour): [number, number, number] {
  const [r, g, b] = [red / 255, green / 255, blue / 255];
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  const lightness = (most + least) / 2;
  const spread = most - least;
  if (spread === 0) return [0, 0, lightness];
  const saturation = spread / (1 - Math.abs(2 * lightness - 1));
  const sector =
    most === r ? ((g - b) / spread + 6) % 6 : most === g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  return [sector * 60, saturation, lightness];
}

function toHex(hue: number, saturation: number, lightness: number): string {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset: number) => {
    const at = (offset + hue / 30) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}
