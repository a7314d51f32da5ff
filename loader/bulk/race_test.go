//go:build race

package bulk_test

// underRace tells that the race detector is at work, which makes large loads take minutes.
const underRace = true
