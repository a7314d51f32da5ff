// Params: rows of id, name, createdAt, profile (JSON), attributes, nameKey, nameRest.
UNWIND $rows AS row
MERGE (c:Customer {id: row.id})
SET c = row.attributes
SET c.id = row.id, c.name = row.name, c.createdAt = row.createdAt, c.householdId = row.household, c.referredBy = row.referrer,
    c.nameKey = row.nameKey, c.nameRest = row.nameRest, c.profile = row.profile
