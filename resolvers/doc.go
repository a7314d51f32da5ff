// Package resolvers answers the fields of the GraphQL schema, one file a type: decode the arguments, call the store or
// the response's loaders, map what comes back. Rules of the domain are not made here.
package resolvers
