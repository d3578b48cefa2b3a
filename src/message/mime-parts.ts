import type { Email, EmbeddedImage, Stencil } from '../email/email.ts';
import { base64Lines, encodeStencil, type Node, toLines } from './encode-body.ts';

interface Part {
  readonly type: string;
  readonly nodes: readonly Node[];
}

/**
 * multipart/alternative of text, then HTML (RFC 2046 §5.1.4); when images travel, the HTML and they are one
 * multipart/related inside it (RFC 2387), which every client was seen to show. `boundary` gives a delimiter by name; it must hold `=_`, which
 * neither quoted-printable nor base64 can produce (RFC 2045 §6.7).
 */
export function mimeParts(email: Email, boundary: (name: string) => string): Part {
  const html = leaf('text/html', email.html);
  const rich =
    email.embedded.length === 0
      ? html
      : headed(
          multipart(
            'related',
            boundary('related'),
            [html, ...email.embedded.map(image)],
            '; type="text/html"',
          ),
        );
  return multipart('alternative', boundary('alternative'), [leaf('text/plain', email.text), rich]);
}

function multipart(
  kind: 'alternative' | 'related',
  line: string,
  parts: readonly (readonly Node[])[],
  more = '',
): Part {
  return {
    type: `multipart/${kind}${more}; boundary="${line}"`,
    nodes: [
      // The CRLF before a delimiter belongs to it (RFC 2046 §5.1.1); before the first there is none to spare.
      ...parts.flatMap((part, index) => [toLines(`${index === 0 ? '' : '\r\n'}--${line}\r\n`), ...part]),
      toLines(`\r\n--${line}--\r\n`),
    ],
  };
}

function headed({ type, nodes }: Part): Node[] {
  return [toLines(`Content-Type: ${type.replace('; boundary', ';\r\n boundary')}\r\n\r\n`), ...nodes];
}

function leaf(type: 'text/plain' | 'text/html', stencil: Stencil): Node[] {
  const { encoding, nodes } = encodeStencil(stencil);
  return [
    toLines(`Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`),
    ...nodes,
  ];
}

function image({ cid, type, filename, bytes }: EmbeddedImage): Node[] {
  // Names come from files: anything that could end a parameter becomes a hyphen.
  const name = filename.replace(/[^\w.-]/g, '-').slice(-60);
  const id = cid.replace(/[^\w.@-]/g, '-');
  return [
    toLines(
      `Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <${id}>\r\n` +
        `Content-Disposition: inline; filename="${name}"\r\n\r\n${base64Lines(bytes)}`,
    ),
  ];
}
