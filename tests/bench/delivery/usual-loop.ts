import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { createTransport } from 'nodemailer';

/**
 * How a newsletter is sent by hand, as fast as that goes: nodemailer's pool on 10 connections, Handlebars for each
 * reader, DKIM where a key is given. `node usual-loop.ts URL COUNT PARTS [KEY]`: PARTS is a JSON file with the HTML and
 * the text as Handlebars templates, KEY a PEM file.
 */
const [url, count, parts, keyFile] = process.argv.slice(2) as [string, string, string, string?];
const { html, text } = JSON.parse(readFileSync(parts, 'utf8')) as { html: string; text: string };
const [htmlOf, textOf] = [Handlebars.compile(html), Handlebars.compile(text)];
const privateKey = keyFile && readFileSync(keyFile, 'utf8');
const { hostname, port } = new URL(url);
const pool = createTransport({
  host: hostname,
  port: Number(port),
  ignoreTLS: true,
  pool: true,
  maxConnections: 10,
  // Its default of 100 would reconnect every other second.
  maxMessages: Infinity,
  ...(privateKey && { dkim: { domainName: 'example.com', keySelector: 's1', privateKey } }),
});
let next = 0;
// As many at once as there are connections: all at once would hold every message in memory.
await Promise.all(
  Array.from({ length: 10 }, async () => {
    while (next < Number(count)) {
      const index = next;
      next += 1;
      const to = `reader${index}@example.com`;
      const subscriber = { name: `Reader ${index}`, email: to };
      await pool.sendMail({
        from: { name: 'The Broadside', address: 'news@example.com' },
        to: { name: subscriber.name, address: to },
        subject: 'The letter',
        html: htmlOf({ subscriber }),
        text: textOf({ subscriber }),
        headers: {
          'List-Unsubscribe': `<https://news.example.com/leave/${index}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
      });
    }
  }),
);
pool.close();
