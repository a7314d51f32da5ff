// Package loader batches the reads of one GraphQL response: what the resolvers of one level ask for one by one goes to
// the store as one call. Loaders live as long as the response they are attached to, so that nothing read for one
// answer is seen by the next. What is shown beside a profile is read with it, and given to whoever asks for it later in
// the response.
package loader
