// Waits for all lanes that are under way: setting a property takes the lock.
MATCH (l:LacunaLane) SET l.lock = true
