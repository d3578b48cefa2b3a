/** Version 4: who subscribed on the web or was imported, what waits to be confirmed, and what was consented to. */
export const subscriptions = `
CREATE TABLE subscriptions (
  id INTEGER PRIMARY KEY, list TEXT NOT NULL, key TEXT NOT NULL, address TEXT NOT NULL, fields TEXT NOT NULL,
  since INTEGER NOT NULL, UNIQUE (list, key)
) STRICT;
CREATE INDEX subscriptions_key ON subscriptions (key);
CREATE TABLE confirmations (
  id INTEGER PRIMARY KEY, purpose TEXT NOT NULL, key TEXT NOT NULL, address TEXT NOT NULL, moved_from TEXT,
  lists TEXT NOT NULL, fields TEXT NOT NULL, how TEXT NOT NULL, source TEXT NOT NULL, wording TEXT NOT NULL,
  asked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER, due_at INTEGER,
  tries INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX confirmations_key ON confirmations (key, asked_at);
CREATE INDEX confirmations_moved ON confirmations (moved_from) WHERE moved_from IS NOT NULL;
CREATE INDEX confirmations_due ON confirmations (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE consents (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, list TEXT, act TEXT NOT NULL, how TEXT NOT NULL,
  source TEXT NOT NULL, wording TEXT NOT NULL
) STRICT;
CREATE INDEX consents_key ON consents (key, id);
`;
