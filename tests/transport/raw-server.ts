import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawServer {
  readonly url: string;
  /** What came between each 354 and the first CRLF, dot, CRLF, with that end; octets as latin1 characters. */
  readonly contents: string[];
  /** Every other line, whatever it is. */
  readonly commands: string[];
}

const LINE = /\r\n/;
/** The CRLF before the dot may be that of the DATA line. */
const END = /^\.\r\n|\r\n\.\r\n/;

/**
 * An SMTP server on 127.0.0.1 that takes everything and keeps the octets as they came: only CRLF ends a line for it
 * (RFC 5321 §2.3.8), and nothing is unstuffed. It shares no code with the scripted server. It ends with the test.
 */
export async function rawServer(): Promise<RawServer> {
  const contents: string[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true).on('error', () => {});
    socket.write('220 raw.example.com ESMTP\r\n');
    let left = '';
    let inContent = false;
    socket.on('data', (chunk) => {
      left += chunk.toString('latin1');
      for (;;) {
        const end = (inContent ? END : LINE).exec(left);
        if (!end) return;
        const taken = left.slice(0, end.index + end[0].length);
        left = left.slice(taken.length);
        if (inContent) contents.push(taken);
        else commands.push(taken.slice(0, -2));
        const reply = inContent ? '250 taken' : answer(taken);
        inContent = reply.startsWith('354');
        socket.write(`${reply}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, contents, commands };
}

function answer(line: string): string {
  if (/^EHLO /i.test(line)) return '250-raw.example.com\r\n250-PIPELINING\r\n250 8BITMIME';
  if (/^DATA\r\n/i.test(line)) return '354 go ahead';
  return /^(?:MAIL|RCPT|RSET|NOOP|QUIT)\b/i.test(line) ? '250 ok' : '500 what?';
}
