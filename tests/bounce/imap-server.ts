import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface StoredMessage {
  readonly bytes: Buffer;
  readonly flags: Set<string>;
}

export interface ImapServer {
  readonly url: string;
  readonly messages: StoredMessage[];
  /** Commands without their tags and without what a login says. */
  readonly commands: string[];
}

export interface ImapScript {
  readonly password?: string;
  /** Instead of the answer to a command that begins so: a tagged line, or `drop`. */
  readonly instead?: Readonly<Record<string, string>>;
  readonly greeting?: string;
}

/** As much of an IMAP server (RFC 3501) on 127.0.0.1 as reading a mailbox takes; it ends with the test. */
export async function startImapServer(
  contents: readonly Uint8Array[],
  script: ImapScript = {},
): Promise<ImapServer> {
  const messages = contents.map((bytes) => ({ bytes: Buffer.from(bytes), flags: new Set<string>() }));
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('error', () => {});
    const say = (line: string) => socket.write(`${line}\r\n`);
    say(script.greeting ?? '* OK [CAPABILITY IMAP4rev1 UIDPLUS] ready');
    let rest = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) answer(socket, say, line);
    });
  });

  function answer(socket: Socket, say: (line: string) => void, line: string): unknown {
    const [, tag, command] = /^(\S+) (.*)$/.exec(line)!;
    commands.push(/^LOGIN/i.test(command!) ? 'LOGIN' : command!);
    const instead = Object.entries(script.instead ?? {}).find(([start]) => command!.startsWith(start))?.[1];
    if (instead === 'drop') return void socket.destroy();
    if (instead) return say(`${tag} ${instead}`);
    const ok = (words = 'done') => say(`${tag} OK ${words}`);
    if (/^CAPABILITY/i.test(command!)) say('* CAPABILITY IMAP4rev1 UIDPLUS');
    else if (/^LOGIN/i.test(command!)) {
      if (!command!.includes(script.password ?? 'word'))
        return say(`${tag} NO [AUTHENTICATIONFAILED] not with ${command!.split(' ').at(-1)}`);
    } else if (/^(?:LIST|LSUB)/i.test(command!)) say('* LIST () "/" INBOX');
    else if (/^NAMESPACE/i.test(command!)) say('* NAMESPACE (("" "/")) NIL NIL');
    else if (/^(?:SELECT|EXAMINE)/i.test(command!)) {
      if (!/INBOX/i.test(command!)) return say(`${tag} NO no such folder`);
      say('* FLAGS (\\Seen \\Deleted)');
      say('* OK [PERMANENTFLAGS (\\Seen \\Deleted)] ok');
      say(`* ${messages.length} EXISTS`);
      say('* OK [UIDVALIDITY 7] ok');
      say(`* OK [UIDNEXT ${messages.length + 101}] ok`);
      return ok('[READ-WRITE] selected');
    } else if (/^UID SEARCH/i.test(command!)) {
      const id = /HEADER "?MESSAGE-ID"? "?(<[^>]*>)/i.exec(command!)?.[1];
      const found = messages.flatMap(({ flags, bytes }, at) =>
        (id ? bytes.includes(id) : !flags.has('\\Seen')) ? [at + 101] : [],
      );
      say(`* SEARCH ${found.join(' ')}`.trim());
    } else if (/^UID FETCH/i.test(command!)) {
      const at = Number(/^UID FETCH (\d+)/i.exec(command!)![1]) - 101;
      const most = Number(/<0\.(\d+)>/.exec(command!)?.[1] ?? 1e9);
      const header = /BODY\.PEEK\[HEADER\]/i.test(command!);
      const { bytes } = messages[at]!;
      const part = bytes.subarray(0, header ? bytes.indexOf('\r\n\r\n') + 4 : most);
      if (!/BODY\.PEEK/i.test(command!)) messages[at]!.flags.add('\\Seen');
      socket.write(
        `* ${at + 1} FETCH (UID ${at + 101} BODY[${header ? 'HEADER' : ''}]${header ? '' : '<0>'} {${part.length}}\r\n`,
      );
      socket.write(part);
      say(')');
    } else if (/^UID STORE/i.test(command!)) {
      const [, uid, flags] = /^UID STORE (\d+) \+FLAGS(?:\.SILENT)? \(([^)]*)\)/i.exec(command!)!;
      for (const flag of flags!.split(' ')) messages[Number(uid) - 101]!.flags.add(flag);
    } else if (/^LOGOUT/i.test(command!)) {
      say('* BYE');
      ok();
      return void socket.end();
    }
    ok();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `imap://bounce%40example.com:word@127.0.0.1:${port}/INBOX`, messages, commands };
}
