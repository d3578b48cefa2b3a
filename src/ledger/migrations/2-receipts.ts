/** Version 2: receipts of what was looked at and may be sent. */
export const receipts = `
CREATE TABLE receipts (
  id INTEGER PRIMARY KEY, slug TEXT NOT NULL, digest TEXT NOT NULL, parts TEXT NOT NULL, how TEXT NOT NULL,
  who TEXT NOT NULL, git_commit TEXT, at INTEGER NOT NULL
) STRICT;
CREATE INDEX receipts_slug ON receipts (slug, id);
`;
