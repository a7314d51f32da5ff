// Params: eraseKey (hex).
MATCH (s:LacunaStore {id: 1}) SET s.eraseKey = $eraseKey
