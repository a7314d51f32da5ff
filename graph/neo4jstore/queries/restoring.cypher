// How far the store has been restored from another one. Returns: version and portions, null for a store that is whole.
MATCH (s:LacunaStore {id: 1}) RETURN s.restoredFrom, s.restoredPortions
