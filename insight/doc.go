// Package insight is the engine: an in-memory columnar projection of the customer graph, and every figure computed on it.
//
// A question about many customers never scans the store. The engine reads the store once (or a snapshot of an earlier
// reading), follows its change feed from there, and publishes immutable [View]s: a reader takes the current one, sees one
// version of the data throughout, and never waits. All figures are computed as of a moment: interactions after it have not
// happened yet, and customers of whom nothing was known then do not exist yet. History exists for interactions only;
// attributes, consents, households, prices, stock and the category tree are today's at every moment.
//
// The vocabulary: a page is 1,024 customers with what is known of each; a block is a run of interactions as columns, those of one
// customer side by side in order of time; a thing is what an interaction is about, a product or a category or both; a
// [Set] is customers as bits.
package insight
