// Package guard refuses documents and variables that would cost a server more than they are worth, before anything that
// parses or validates them is asked to: a few kilobytes can nest so deep that a parser runs out of stack, or spread
// fragments in fragments so that a validator visits millions of nodes.
//
// Every limit has a name, which its refusal tells together with what was seen. What a document means is not looked at:
// one that is not valid GraphQL passes, and is refused by who parses it.
package guard
