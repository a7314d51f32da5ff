// Makes the number even again, unless another has changed it since. Params: mark.
MATCH (o:LacunaOwnership {id: 1}) WHERE o.version = $mark
SET o.version = $mark + 1
