// Params: identities (keys), claimants (hashes).
UNWIND $identities AS key
MATCH (x:LacunaContested {identity: key}) WHERE x.claimant IN $claimants
DELETE x
