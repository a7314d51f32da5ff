// Package sqlitestore keeps the customer graph in one SQLite file, without cgo. It implements [graph.Store].
//
// Vocabulary:
//
//   - A key is the small integer by which rows refer to one another; it never leaves the package, but as the handle of a
//     scan. Ids are the domain's.
//   - The origin of a fact is the customer under whose id it came; its owner is the customer to whom that id leads today. A merge
//     changes owners, and its undoing changes them back.
//   - A position is a number of the change feed. One counter numbers all changes; an interaction's position is the key of its
//     row. A commit takes positions in one run and writes a random tag beside the last one.
//
// One connection writes, under a lock; any number read, each call from one snapshot. Other processes may read and write the
// same file at the same time: nothing is kept in memory that another's commit could make untrue, unless that commit is looked
// for first.
package sqlitestore
