/**
 * Quoted-printable (RFC 2045 §6.7) of a text in UTF-8, with CRLF line ends and lines of at most 76 characters. All
 * output is 7-bit; a dot or "From " at the start of a line is encoded, for servers that touch those.
 */
export function quotedPrintable(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  return lines.map(encodeLine).join('\r\n');
}

const HEX = Array.from({ length: 256 }, (_, byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`);

function encodeLine(line: string): string {
  const bytes = Buffer.from(line, 'utf8');
  let out = '';
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    const last = index === bytes.length - 1;
    const plain = byte > 32 && byte < 127 && byte !== 61;
    const space = (byte === 32 || byte === 9) && !last;
    const risky = length === 0 && (byte === 46 || byte === 70);
    const unit = (plain || space) && !risky ? String.fromCharCode(byte) : HEX[byte]!;
    if (length + unit.length > 75) {
      out += '=\r\n';
      // What now begins a line may be a dot or an F.
      const first = byte === 46 || byte === 70 ? HEX[byte]! : unit;
      out += first;
      length = first.length;
    } else {
      out += unit;
      length += unit.length;
    }
  }
  return out;
}
