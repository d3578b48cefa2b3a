/** A part of a message, as its headers say it is. */
export interface MimePart {
  readonly type: string;
  readonly encoding: string;
  /** File name or Content-ID; '' when there is none. */
  readonly name: string;
  /** Octets of its body as they travel. */
  readonly size: number;
  readonly parts: readonly MimePart[];
}

/** The tree of a message's parts (RFC 2045 §5, RFC 2046 §5.1). `raw` is read as Latin-1, so that a letter is an octet. */
export function mimeTree(raw: string, depth = 0): MimePart {
  const end = /\r?\n\r?\n/.exec(raw);
  const head = raw.slice(0, end?.index ?? raw.length).replace(/\r?\n[ \t]+/g, ' ');
  const body = end ? raw.slice(end.index + end[0].length) : '';
  const header = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  const type = header('Content-Type') || 'text/plain';
  const boundary = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type);
  const parts =
    boundary && depth < 20
      ? split(body, boundary[1] ?? boundary[2]!).map((part) => mimeTree(part, depth + 1))
      : [];
  const name = /filename="?([^";]+)/i.exec(header('Content-Disposition'))?.[1] ?? header('Content-ID');
  return {
    type: type.split(';')[0]!.trim().toLowerCase(),
    encoding: header('Content-Transfer-Encoding'),
    name,
    size: body.length,
    parts,
  };
}

function split(body: string, boundary: string): string[] {
  const parts: string[] = [];
  let current: string[] | null = null;
  for (const line of body.split(/\r?\n/)) {
    if (line.startsWith(`--${boundary}`)) {
      if (current) parts.push(current.join('\r\n'));
      current = line.startsWith(`--${boundary}--`) ? null : [];
      if (current === null) break;
    } else current?.push(line);
  }
  return parts;
}
