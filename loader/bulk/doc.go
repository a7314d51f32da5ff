// Package bulk streams files into the store: the generic files that docs and people call categories, products,
// customers, segments and interactions, as CSV, NDJSON or Parquet, compressed or not.
//
// A load runs in stages, each of which can be replaced on its own:
//
//	path → input (open, sniff, decompress) → reader (records of typed cells with their lines)
//	     → decoder (record → rows of the graph, or a rejection) → batches → store, rejects, summary, progress
//
// Vocabulary:
//
//   - A kind is what a file holds ([Kind]), told by its name; a format is how it is written.
//   - A record is one row of a file as cells; a row is what the store is given.
//   - A reject is a record that was not taken, with its file, line and reason. Nothing is dropped silently.
//   - A survey is a first pass over a file, made only when something must be known of all of it before its first row is
//     stored: the types of attributes that the store has not settled, and which contents repeat among rows without an id.
//
// Memory is bounded whatever a file's length, but for categories and segments, which are read whole since they may refer
// forward. Loading the same files again changes nothing, also after an interruption.
package bulk
