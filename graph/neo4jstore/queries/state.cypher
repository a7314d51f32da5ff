// Where the store stands, without any lock. Returns: state.
MATCH (s:LacunaStore {id: 1}) RETURN s.state
