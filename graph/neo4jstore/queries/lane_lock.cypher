// Params: lane.
MATCH (l:LacunaLane {id: $lane}) SET l.lock = true
