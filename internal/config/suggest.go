package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

const maxSuggestions = 3

// suggest says which known keys the unknown one may have meant: those at most a third of its letters away, or all of
// them where none is.
func suggest[V1, V2 any](unknown string, flags map[string]V1, commands map[string]V2) string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(flags)), maps.Keys(commands))
	slices.Sort(keys)
	keys = slices.Compact(keys)
	near := slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		return distance(unknown, key) > max(1, len(unknown)/3)
	})
	slices.SortStableFunc(near, func(a, b string) int {
		return cmp.Compare(distance(unknown, a), distance(unknown, b))
	})
	switch {
	case len(keys) == 0:
		return "no keys are known here"
	case len(near) == 0:
		return "known are " + strings.Join(keys, ", ")
	default:
		return "did you mean " + strings.Join(near[:min(len(near), maxSuggestions)], ", ") + "?"
	}
}

// distance counts the letters to change, taking case and dashes for nothing: they are the likeliest mistakes.
func distance(unknown, key string) int {
	return levenshtein.ComputeDistance(strings.ToLower(Key(unknown)), key)
}
