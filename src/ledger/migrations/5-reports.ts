/**
 * Version 5: which reports of bounces and complaints were handled. `soft` names a reader, by a keyed hash, whose mail
 * failed for now; a report may name several.
 */
export const reports = `
CREATE TABLE reports (
  id TEXT NOT NULL, soft TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL, PRIMARY KEY (id, soft)
) STRICT;
CREATE INDEX reports_soft ON reports (soft, at) WHERE soft <> '';
`;
