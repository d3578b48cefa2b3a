import { type AddressInfo, createServer, type Socket } from 'node:net';

/**
 * A process of its own that takes every message and keeps none: `node sink.ts [DELAY]`. It speaks the least of SMTP, with
 * PIPELINING, on a free port of 127.0.0.1 that it tells its parent; asked, it tells what it took since it was asked last.
 * DELAY (ms) keeps each reply back, as a far server's distance does: replies to commands that came together go together.
 */
const delay = Number(process.argv[2] ?? 0);
const END = Buffer.from('\r\n.\r\n');
const LF = 10;

/** `first` and `last`: when a message came, ms. */
const none = { messages: 0, octets: 0, first: 0, last: 0 };
let taken = { ...none };

function talk(socket: Socket): void {
  socket.setNoDelay(true).on('error', () => {});
  const say = (text: string) => {
    if (delay === 0) socket.write(text);
    else setTimeout(() => socket.writable && socket.write(text), delay);
  };
  let inContent = false;
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    let replies = '';
    while (at < data.length) {
      const end = inContent ? data.indexOf(END, at) : data.indexOf(LF, at);
      if (end < 0) {
        // The end of the content may be cut in two.
        const keep = inContent ? Math.max(at, data.length - END.length + 1) : at;
        taken.octets += keep - at;
        at = keep;
        break;
      }
      if (inContent) {
        const now = performance.now();
        taken.octets += end - at;
        taken.messages += 1;
        taken.first ||= now;
        taken.last = now;
        at = end + END.length;
        inContent = false;
        replies += '250 2.0.0 Ok\r\n';
        continue;
      }
      const verb = data.toString('latin1', at, Math.min(at + 4, end)).toUpperCase();
      at = end + 1;
      if (verb === 'EHLO') replies += '250-sink\r\n250-PIPELINING\r\n250-SIZE 30000000\r\n250 8BITMIME\r\n';
      else if (verb === 'QUIT') return void socket.end(`${replies}221 Bye\r\n`);
      else if (verb !== 'DATA') replies += '250 2.1.0 Ok\r\n';
      else {
        inContent = true;
        replies += '354 Go ahead\r\n';
      }
    }
    rest = data.subarray(at);
    if (replies !== '') say(replies);
  });
  say('220 sink ESMTP\r\n');
}

const server = createServer(talk);
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send!({ ...taken, cpu: (user + system) / 1e6 });
  taken = { ...none };
});
process.on('disconnect', () => process.exit());
