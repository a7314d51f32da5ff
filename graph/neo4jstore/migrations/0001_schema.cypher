// The graph that people see.
CREATE CONSTRAINT customer_id IF NOT EXISTS FOR (n:Customer) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT identity_key IF NOT EXISTS FOR (n:Identity) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT household_id IF NOT EXISTS FOR (n:Household) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT product_id IF NOT EXISTS FOR (n:Product) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT category_id IF NOT EXISTS FOR (n:Category) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT segment_id IF NOT EXISTS FOR (n:Segment) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT interaction_id IF NOT EXISTS FOR (n:Interaction) REQUIRE n.id IS UNIQUE;
// Pages of a customer's interactions, newest first, and the feed of interactions.
CREATE INDEX interaction_by_customer IF NOT EXISTS FOR (n:Interaction) ON (n.customerId, n.at);
CREATE INDEX interaction_by_seq IF NOT EXISTS FOR (n:Interaction) ON (n.seq);
// Pages of customers.
CREATE INDEX customer_by_name IF NOT EXISTS FOR (n:Customer) ON (n.nameKey);
CREATE INDEX customer_by_created IF NOT EXISTS FOR (n:Customer) ON (n.createdAt);
CREATE INDEX customer_by_household IF NOT EXISTS FOR (n:Customer) ON (n.householdId);
CREATE INDEX customer_by_referrer IF NOT EXISTS FOR (n:Customer) ON (n.referredBy);
// What the port asks for beside it.
CREATE CONSTRAINT lacuna_store_id IF NOT EXISTS FOR (n:LacunaStore) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT lacuna_ownership_id IF NOT EXISTS FOR (n:LacunaOwnership) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT lacuna_record_id IF NOT EXISTS FOR (n:LacunaRecord) REQUIRE n.id IS UNIQUE;
CREATE INDEX lacuna_record_by_root IF NOT EXISTS FOR (n:LacunaRecord) ON (n.root);
CREATE INDEX identity_by_customer IF NOT EXISTS FOR (n:Identity) ON (n.customerId);
CREATE INDEX lacuna_term_by_key IF NOT EXISTS FOR (n:LacunaTerm) ON (n.key);
CREATE INDEX lacuna_term_by_customer IF NOT EXISTS FOR (n:LacunaTerm) ON (n.customerId);
CREATE CONSTRAINT lacuna_type_key IF NOT EXISTS FOR (n:LacunaType) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT lacuna_change_seq IF NOT EXISTS FOR (n:LacunaChange) REQUIRE n.seq IS UNIQUE;
CREATE INDEX lacuna_change_by_customer IF NOT EXISTS FOR (n:LacunaChange) ON (n.customer);
CREATE CONSTRAINT lacuna_commit_seq IF NOT EXISTS FOR (n:LacunaCommit) REQUIRE n.seq IS UNIQUE;
CREATE CONSTRAINT lacuna_merge_id IF NOT EXISTS FOR (n:LacunaMerge) REQUIRE n.id IS UNIQUE;
CREATE INDEX lacuna_merge_by_keep IF NOT EXISTS FOR (n:LacunaMerge) ON (n.keep);
CREATE INDEX lacuna_merge_by_retired IF NOT EXISTS FOR (n:LacunaMerge) ON (n.retired);
CREATE CONSTRAINT lacuna_erased_hash IF NOT EXISTS FOR (n:LacunaErased) REQUIRE n.hash IS UNIQUE;
CREATE CONSTRAINT lacuna_retracted_id IF NOT EXISTS FOR (n:LacunaRetracted) REQUIRE n.id IS UNIQUE;
CREATE INDEX lacuna_retracted_by_origin IF NOT EXISTS FOR (n:LacunaRetracted) ON (n.origin);
CREATE CONSTRAINT lacuna_contested_key IF NOT EXISTS FOR (n:LacunaContested) REQUIRE n.key IS UNIQUE;
CREATE INDEX lacuna_contested_by_identity IF NOT EXISTS FOR (n:LacunaContested) ON (n.identity);
CREATE INDEX lacuna_contested_by_claimant IF NOT EXISTS FOR (n:LacunaContested) ON (n.claimant);
CREATE CONSTRAINT lacuna_lease_id IF NOT EXISTS FOR (n:LacunaLease) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT lacuna_unread_key IF NOT EXISTS FOR (n:LacunaUnread) REQUIRE n.key IS UNIQUE;
