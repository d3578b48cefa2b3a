import type { Message } from '../../src/mail.ts';

/** A message to one address; its body is told apart from all others by the address. */
export function messageTo(to: string, body: string | readonly string[] = 'Good morning\r\n'): Message {
  const head = `From: <news@example.com>\r\nTo: <${to}>\r\nMessage-ID: <${to}>\r\n\r\n`;
  const content = [head, ...(typeof body === 'string' ? [body] : body)].map((piece) => Buffer.from(piece));
  return {
    envelope: { from: 'bounce@example.com', to },
    messageId: `<${to}>`,
    content,
    size: content.reduce((sum, { length }) => sum + length, 0),
  };
}
