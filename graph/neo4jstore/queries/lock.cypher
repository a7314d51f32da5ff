// Takes the lock of writers: setting a property takes it, also to the value that it has. What was committed before is read after that.
// Returns: state.
MATCH (s:LacunaStore {id: 1}) SET s.lock = true
WITH s.id AS id
MATCH (s:LacunaStore {id: id}) RETURN s.state
