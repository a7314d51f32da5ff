// Removes entries of the feed about a person, but for those by which readers find what to forget. Params: ids, kept (kinds).
UNWIND $ids AS id
MATCH (c:LacunaChange {customer: id}) WHERE NOT c.kind IN $kept
DELETE c
