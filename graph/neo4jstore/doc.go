// Package neo4jstore keeps the graph in Neo4j 5: customers, identities, households, products, categories, interactions and segments as nodes
// that Neo4j's own tools show, and beside them, under labels that begin with Lacuna, what the port asks for: where each fact came from, the
// change feed, merges, and hashes of who was erased.
//
// Writers take turns by an exclusive lock on one node, so commits are in one order, which is the feed's. Readers take no lock. What one
// commit did is seen all or nothing by reads of owners, which look whether somebody was merged, unmerged or erased meanwhile; new
// interactions of one batch may become visible one after the other while it is being committed.
package neo4jstore
