import type { Place } from './parse-front-matter.ts';

/** A file's bytes as text without byte-order mark and with LF line ends, or the place of the first that is not UTF-8. */
export function decode(bytes: Uint8Array): { readonly text: string } | Place {
  const lf = (text: string) => text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  try {
    return { text: lf(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return firstFault(bytes);
  }
}

function firstFault(bytes: Uint8Array): Place {
  let start = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(10, start);
    const part = bytes.subarray(start, end < 0 ? bytes.length : end);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(part);
    } catch {
      return { line, column: Math.max(new TextDecoder().decode(part).indexOf('\ufffd'), 0) + 1 };
    }
    if (end < 0) return { line, column: 1 };
    start = end + 1;
  }
}
