//go:build race

package e2e

// underRace tells that the race detector is at work, which makes large loads take minutes.
const underRace = true
