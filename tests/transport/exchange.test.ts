import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { parseSmtpUrl } from '../../src/transport/parse-smtp-url.ts';
import { openSmtp, type SmtpTransport } from '../../src/transport/smtp.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { messageTo } from './message-to.ts';

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of toClose.splice(0).reverse()) await one.close();
});

const yes = async () => true;

function smtpTo(url: string, connections: number): SmtpTransport {
  const relay = parseSmtpUrl(url);
  if ('fault' in relay) throw new Error(relay.fault);
  const smtp = openSmtp(relay, { connections });
  toClose.push(smtp);
  return smtp;
}

/** A server that sees what comes in one packet, and answers as it is told; every packet goes into `packets`. */
async function packetServer(answer: (packet: string, socket: Socket) => string) {
  const packets: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).setNoDelay(true);
    socket.write('220 here\r\n');
    socket.on('data', (chunk) => {
      const packet = chunk.toString('latin1');
      packets.push(packet);
      const said = packet.startsWith('EHLO') ? '250-here\r\n250 PIPELINING\r\n' : answer(packet, socket);
      if (said !== '') socket.write(said);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  toClose.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  return { packets, url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const ENVELOPE = /MAIL FROM:<[^>]*>\r\nRCPT TO:<[^>]*>\r\nDATA\r\n$/;
const GO = '250 ok\r\n250 ok\r\n354 go\r\n';

describe('with PIPELINING', () => {
  test('an envelope is one packet, and the next one goes along with the content before it', async () => {
    const { packets, url } = await packetServer(
      (packet) => (packet.includes('\r\n.\r\n') ? '250 taken\r\n' : '') + (ENVELOPE.test(packet) ? GO : ''),
    );
    const smtp = smtpTo(url, 1);
    const outcomes = await Promise.all(
      ['ann', 'bob', 'cy'].map((name) => smtp.send(messageTo(`${name}@example.com`), yes)),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
    const [, first, ...others] = packets;
    expect(first).toMatch(/^MAIL .*\r\nRCPT TO:<ann@example.com>\r\nDATA\r\n$/);
    expect(others).toHaveLength(3);
    expect(others[0]).toMatch(/Good morning\r\n\.\r\nMAIL .*\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n$/);
    expect(others[2]).toMatch(/To: <cy@example.com>[\s\S]*Good morning\r\n\.\r\n$/);
  });

  test('the gate of the next one is asked after the outcome of the one before is known', async () => {
    const { url } = await packetServer(
      (packet) => (packet.includes('\r\n.\r\n') ? '250 taken\r\n' : '') + (ENVELOPE.test(packet) ? GO : ''),
    );
    const smtp = smtpTo(url, 1);
    const order: string[] = [];
    await Promise.all(
      ['ann', 'bob', 'cy'].map((name) =>
        smtp
          .send(messageTo(`${name}@example.com`), async () => {
            order.push(`gate ${name}`);
            return true;
          })
          .then(() => order.push(`end ${name}`)),
      ),
    );
    expect(order).toEqual(['gate ann', 'end ann', 'gate bob', 'end bob', 'gate cy', 'end cy']);
  });

  test('a server that takes it for a breach of protocol rejects nobody: once deferred, then one by one', async () => {
    const { packets, url } = await packetServer((packet, socket) => {
      if (!packet.includes('\r\n.\r\n')) return GO;
      if (packet.endsWith('\r\n.\r\n')) return '250 taken\r\n';
      socket.end('554 SMTP synchronization error\r\n');
      return '';
    });
    const smtp = smtpTo(url, 1);
    const outcomes = await Promise.all(
      ['ann', 'bob', 'cy', 'dee'].map((name) => smtp.send(messageTo(`${name}@example.com`), yes)),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['deferred', 'accepted', 'accepted', 'accepted']);
    expect(packets.filter((packet) => /\.\r\nMAIL/.test(packet))).toHaveLength(1);
  });

  test('a refusal of the content is the reader’s, also when the next envelope went along', async () => {
    const server = await startSmtpServer({
      final: (to) => (to === 'ann@example.com' ? '550 5.7.1 no' : '250 taken'),
    });
    toClose.push(server);
    const smtp = smtpTo(server.url, 1);
    const outcomes = await Promise.all(
      ['ann', 'bob', 'cy'].map((name) => smtp.send(messageTo(`${name}@example.com`), yes)),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['rejected', 'accepted', 'accepted']);
    expect(server.sessions).toBe(1);
  });

  test.each([
    ['drops after the final dot', 'drop'],
    ['says 421 to it', '421 4.3.2 closing'],
  ])('a server that %s: the message behind it goes over a new connection, once', async (_, said) => {
    const server = await startSmtpServer({
      final: (to) => (to === 'ann@example.com' ? said : '250 taken'),
    });
    toClose.push(server);
    const smtp = smtpTo(server.url, 1);
    const outcomes = await Promise.all(
      ['ann', 'bob', 'cy'].map((name) => smtp.send(messageTo(`${name}@example.com`), yes)),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      said === 'drop' ? 'uncertain' : 'deferred',
      'accepted',
      'accepted',
    ]);
    expect(server.accepted()).toEqual(['bob@example.com', 'cy@example.com']);
  });

  test('354 to DATA after a refused recipient is answered with a lone dot, and the lane goes on', async () => {
    const { packets, url } = await packetServer((packet) => {
      if (packet === '.\r\n') return '554 nobody\r\n';
      if (packet.includes('RCPT TO:<bob'))
        return `${packet.startsWith('RSET') ? '250 ok\r\n' : ''}250 ok\r\n550 no\r\n354 go\r\n`;
      if (packet.startsWith('RSET')) return `250 ok\r\n${GO}`;
      return packet.includes('\r\n.\r\n') ? '250 taken\r\n' : GO;
    });
    const smtp = smtpTo(url, 1);
    expect(await smtp.send(messageTo('bob@example.com'), () => expect.fail('asked'))).toMatchObject({
      kind: 'rejected',
      stage: 'rcpt',
      reply: { code: 550 },
    });
    expect(await smtp.send(messageTo('ann@example.com'), yes)).toMatchObject({ kind: 'accepted' });
    expect(packets.slice(2, 4)).toEqual(['.\r\n', expect.stringMatching(/^RSET\r\nMAIL/)]);
  });
});

test('replies that come an octet at a time are the same replies', async () => {
  const { url } = await packetServer((packet, socket) => {
    const said =
      (packet.includes('\r\n.\r\n') ? '250-taken\r\n250 2.0.0 as 7\r\n' : '') +
      (ENVELOPE.test(packet) ? GO : '');
    const octets = [...said];
    const next = () => {
      const octet = octets.shift();
      if (octet !== undefined) socket.write(octet, () => setImmediate(next));
    };
    next();
    return '';
  });
  const smtp = smtpTo(url, 1);
  for (const outcome of await Promise.all(
    ['ann', 'bob'].map((name) => smtp.send(messageTo(`${name}@example.com`), yes)),
  ))
    expect(outcome).toMatchObject({ kind: 'accepted', reply: { text: 'taken 2.0.0 as 7' } });
});

describe('who speaks unasked', () => {
  test('while the gate is asked gets no content, and nothing is accepted', async () => {
    let content = 0;
    const { url } = await packetServer((packet, socket) => {
      if (ENVELOPE.test(packet)) {
        setTimeout(() => socket.write('250 taken already\r\n'), 20);
        return GO;
      }
      content += packet.length;
      return '';
    });
    const outcome = await smtpTo(url, 1).send(
      messageTo('ann@example.com'),
      () => new Promise((resolve) => setTimeout(resolve, 200, true)),
    );
    expect(outcome).toMatchObject({ kind: 'deferred', cause: 'connection', reply: null });
    expect(content).toBe(0);
  });

  test('in the middle of a large message ends it there: nothing is accepted, and no final dot was sent', async () => {
    let ended = false;
    const { url } = await packetServer((packet, socket) => {
      if (ENVELOPE.test(packet)) return GO;
      ended ||= packet.includes('\r\n.\r\n');
      socket.pause();
      return '250 taken already\r\n';
    });
    const large = Array.from({ length: 200 }, () => `${'x'.repeat(65_534)}\r\n`);
    const outcome = await smtpTo(url, 1).send(messageTo('ann@example.com', large), yes);
    expect(outcome.kind).toBe('deferred');
    expect(ended).toBe(false);
  });

  test('a refusal among replies that are one off is not taken for the reader’s', async () => {
    // An extra reply to MAIL: its refusal would be heard as that of the recipient.
    const { url } = await packetServer(() => '250 stray\r\n550 not your sender\r\n503 no\r\n503 no\r\n');
    const outcome = await smtpTo(url, 1).send(messageTo('ann@example.com'), () => expect.fail('asked'));
    expect(outcome).toMatchObject({ kind: 'deferred' });
  });
});

test('more messages than connections wait; no more connections are opened', async () => {
  const server = await startSmtpServer();
  toClose.push(server);
  const smtp = smtpTo(server.url, 3);
  const readers = Array.from({ length: 40 }, (_, at) => `r${at}@example.com`);
  await Promise.all(readers.map((to) => smtp.send(messageTo(to), yes)));
  expect(server.accepted().toSorted()).toEqual(readers.toSorted());
  expect(server.sessions).toBe(3);
});

test('a message larger than the server takes is a matter of our own set-up, and never begun', async () => {
  const server = await startSmtpServer({ extensions: ['PIPELINING', 'SIZE 1000'] });
  toClose.push(server);
  const outcome = await smtpTo(server.url, 1).send(messageTo('ann@example.com', 'x'.repeat(2000)), yes);
  expect(outcome).toMatchObject({ kind: 'deferred', cause: 'configuration' });
  expect(server.commands.join()).not.toContain('MAIL');
});
