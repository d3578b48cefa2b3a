/** Version 1: what a send needs. `UNIQUE (slug, key)` is invariant 1, kept by the database itself. */
export const start = `
CREATE TABLE campaigns (
  id TEXT PRIMARY KEY, slug TEXT NOT NULL, list TEXT NOT NULL, digest TEXT NOT NULL, sender TEXT NOT NULL,
  email TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL,
  audience INTEGER NOT NULL
) STRICT;
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY, campaign_id TEXT NOT NULL REFERENCES campaigns (id), slug TEXT NOT NULL, key TEXT NOT NULL,
  address TEXT NOT NULL, fields TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'queued', tries INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER NOT NULL, date INTEGER, begun_at INTEGER, fence INTEGER NOT NULL DEFAULT 0, owner TEXT,
  code INTEGER, enhanced TEXT, reply TEXT NOT NULL DEFAULT '', settled_at INTEGER,
  UNIQUE (slug, key)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (campaign_id, state, due_at, id);
CREATE INDEX deliveries_owner ON deliveries (owner) WHERE owner IS NOT NULL;
CREATE INDEX deliveries_begun ON deliveries (begun_at) WHERE begun_at IS NOT NULL;
CREATE TABLE suppressions (
  key TEXT NOT NULL, list TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (key, list)
) STRICT, WITHOUT ROWID;
CREATE TABLE senders (id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, born TEXT NOT NULL, beat_at INTEGER NOT NULL) STRICT;
`;
