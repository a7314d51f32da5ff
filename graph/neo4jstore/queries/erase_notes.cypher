// Removes merges, retractions and claims of a person. Params: ids, identities (keys), claimants (hashes). Returns: merges, retractions removed.
CALL () {
  UNWIND $ids AS id
  MATCH (m:LacunaMerge) WHERE m.keep = id OR m.retired = id
  WITH collect(DISTINCT m) AS list
  FOREACH (m IN list | DELETE m)
  RETURN size(list) AS merges
}
CALL () {
  UNWIND $ids AS id
  MATCH (r:LacunaRetracted {origin: id})
  WITH collect(DISTINCT r) AS list
  FOREACH (r IN list | DELETE r)
  RETURN size(list) AS retracted
}
CALL () {
  MATCH (x:LacunaContested) WHERE x.identity IN $identities OR x.claimant IN $claimants
  WITH collect(x) AS list
  FOREACH (x IN list | DELETE x)
  RETURN size(list) AS contested
}
RETURN merges, retracted, contested
