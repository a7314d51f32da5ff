// Package graphtest is the contract that every [graph.Store] passes, with no exception: [Run] checks each promise in the
// comments of the port. A bug found in one store becomes a test here, so that no other store has it.
//
// Vocabulary:
//
//   - A [Factory] makes places for stores and opens them; that is all a store's own tests have to bring.
//   - A role is a group of promises (writes, pages, feed, merges …), one file each, run as subtests of that name.
//   - The model is a store in memory written as plainly as possible. It is the oracle of the random tests, and what the
//     suite is tried on: with a fault put in (a lost row, a repeated change, an ignored filter) the suite must fail.
//
// The suite waits for nothing and rolls no dice of its own: clock and randomness are handed to the store, and random
// tests start from a fixed seed, unless LACUNA_SOAK=1 asks for the full counts from a new seed.
package graphtest
