import { createSocket } from 'node:dgram';
import { onTestFinished } from 'vitest';
import type { Zone } from './zone.ts';

const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  5: 'CNAME',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
};

export interface DnsServer {
  readonly address: string;
  readonly asked: string[];
}

/**
 * A DNS server on 127.0.0.1 that answers over UDP from a zone (RFC 1035 §4); it ends with the test. An Error in the
 * zone is what it does instead: `silence`, `garbage`, `refused`.
 */
export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query);
    const key = `${TYPES[type] ?? type} ${name.toLowerCase()}`;
    asked.push(key);
    const found = zone[key] ?? [];
    if (found instanceof Error && found.message === 'silence') return;
    if (found instanceof Error && found.message === 'garbage') {
      socket.send(Buffer.concat([query.subarray(0, 2), Buffer.alloc(40, 0xff)]), from.port, from.address);
      return;
    }
    const records = found instanceof Error ? [] : found;
    const known = Object.keys(zone).some((one) => one.endsWith(` ${name.toLowerCase()}`));
    const code = found instanceof Error ? 5 : known ? 0 : 3;
    const header = Buffer.from([
      ...query.subarray(0, 2),
      0x85,
      0x80 | code,
      0,
      1,
      0,
      records.length,
      0,
      0,
      0,
      0,
    ]);
    const answers = records.map((record) => {
      const data = dataOf(TYPES[type]!, record);
      const head = Buffer.alloc(12);
      head.writeUInt16BE(0xc00c, 0);
      head.writeUInt16BE(type, 2);
      head.writeUInt16BE(1, 4);
      head.writeUInt32BE(60, 6);
      head.writeUInt16BE(data.length, 10);
      return Buffer.concat([head, data]);
    });
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return { address: `127.0.0.1:${socket.address().port}`, asked };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString('latin1'));
    at += length + 1;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function nameData(name: string): Buffer {
  const labels = name.split('.').filter(Boolean);
  return Buffer.concat([
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.of(0),
  ]);
}

function dataOf(type: string, record: string): Buffer {
  if (type === 'A') return Buffer.from(record.split('.').map(Number));
  if (type === 'AAAA') return ipv6(record);
  if (type === 'TXT')
    return Buffer.concat(
      (record.match(/.{1,255}/gs) ?? ['']).map((text) =>
        Buffer.concat([Buffer.of(text.length), Buffer.from(text, 'latin1')]),
      ),
    );
  if (type !== 'MX') return nameData(record);
  const [priority, host] = record.split(' ');
  return Buffer.concat([Buffer.of(0, Number(priority)), nameData(host!)]);
}

function ipv6(text: string): Buffer {
  const [front = '', back = ''] = text.split('::');
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [head, tail] = [groups(front), groups(back)];
  const all = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}
