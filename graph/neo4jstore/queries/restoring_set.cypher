// Params: version, portions; null for a store that is whole.
MATCH (s:LacunaStore {id: 1}) SET s.restoredFrom = $version, s.restoredPortions = $portions
