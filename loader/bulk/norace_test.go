//go:build !race

package bulk_test

const underRace = false
