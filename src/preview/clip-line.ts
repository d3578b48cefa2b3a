import { GMAIL_CLIP } from '../check/gmail-clip.ts';

/** Draws a line into the mail where Gmail would cut it, after the last whole block before that octet. */
export function drawClipLine(html: string): string {
  const bytes = new TextEncoder().encode(html);
  if (bytes.length <= GMAIL_CLIP) return html;
  const kept = new TextDecoder().decode(bytes.subarray(0, GMAIL_CLIP));
  const blocks = [...kept.matchAll(/<\/(?:p|ul|ol|pre|blockquote|h[2-6])>/g)];
  const last = blocks.at(-1);
  if (!last) return html;
  const at = last.index + last[0].length;
  const line =
    '<p id="clip" style="margin:16px 0;padding:4px 8px;border-top:3px dashed #c00;background:#fff;color:#c00;' +
    'font:bold 13px/1.4 sans-serif;text-align:center">Gmail cuts the mail here</p>';
  return html.slice(0, at) + line + html.slice(at);
}
