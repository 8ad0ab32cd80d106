-- Since when a token is dead, as its provider says: that may be long before it was found out, and
-- what is remembered is remembered from then on.
ALTER TABLE feedback ADD COLUMN since REAL;
ALTER TABLE tombstones ADD COLUMN since REAL;
