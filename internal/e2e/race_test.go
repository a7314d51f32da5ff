//go:build race

package e2e

// underRace tells that the race detector is at work, which makes large loads take minutes, and is not in the program that tests run.
const underRace = true
