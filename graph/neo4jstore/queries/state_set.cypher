// Params: state.
MATCH (s:LacunaStore {id: 1}) SET s.state = $state
