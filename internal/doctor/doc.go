// Package doctor looks for what makes figures wrong: it reads a store once and tells what is missing, implausible or
// contradictory in it, each finding with how much there is of it and what to do about it.
//
// [Examine] sees the store through its port alone. Findings quote ids, names of events and masked identities, never
// attribute values or what somebody searched for.
package doctor
