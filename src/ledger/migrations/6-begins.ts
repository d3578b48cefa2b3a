/**
 * Version 6: when messages began, by relay and domain, for limits that hold across restarts and processes; written only
 * where there are limits. A place that is taken stands at the end of time (2^53 - 1) until its message begins. `pace` holds
 * the turn that takers of places wait for, when each relay was first used, and when a machine was started by its clock.
 */
export const begins = `
CREATE TABLE begins (id INTEGER PRIMARY KEY, relay TEXT NOT NULL, domain TEXT NOT NULL, at INTEGER NOT NULL, owner TEXT NOT NULL) STRICT;
CREATE INDEX begins_relay ON begins (relay, at);
CREATE INDEX begins_domain ON begins (domain, at);
CREATE INDEX begins_at ON begins (at);
CREATE INDEX begins_held ON begins (owner) WHERE at = 9007199254740991;
CREATE TABLE pace (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO pace VALUES ('turn', 0);
`;
