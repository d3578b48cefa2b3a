/**
 * Version 3: a campaign is recorded in pieces, so that a million readers neither fill the memory nor lock the ledger.
 * `owner` is who records it; one at a time for each issue.
 */
export const planning = `
ALTER TABLE campaigns ADD COLUMN owner TEXT;
CREATE UNIQUE INDEX campaigns_planning ON campaigns (slug) WHERE owner IS NOT NULL;
CREATE INDEX deliveries_key ON deliveries (key);
`;
