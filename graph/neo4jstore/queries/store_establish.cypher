// Makes the store where there is none. Params: schema, state, eraseKey.
MERGE (s:LacunaStore {id: 1})
ON CREATE SET s.state = $state, s.eraseKey = $eraseKey
SET s.schema = $schema
MERGE (o:LacunaOwnership {id: 1}) ON CREATE SET o.version = 0
