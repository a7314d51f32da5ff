// Params: lanes (how many).
UNWIND range(0, $lanes - 1) AS id
MERGE (:LacunaLane {id: id})
