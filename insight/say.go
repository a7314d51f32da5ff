package insight

import (
	"fmt"
	"math"
	"strconv"
)

// sayNumber puts numbers into a text, each to three digits where it is small and without fractions where it is large.
func sayNumber(format string, numbers ...float64) string {
	words := make([]any, len(numbers))
	for i, n := range numbers {
		words[i] = say(n)
	}
	return fmt.Sprintf(format, words...)
}

func say(n float64) string {
	if math.Abs(n) >= 100 {
		return strconv.FormatFloat(math.Round(n), 'f', -1, 64)
	}
	return strconv.FormatFloat(n, 'g', 3, 64)
}

// roughly writes a number to two digits from a hundred on, with a space between thousands, and whole below: an estimate is not known better.
func roughly(n float64) string {
	if math.Abs(n) < 100 {
		return strconv.FormatFloat(math.Round(n), 'f', -1, 64)
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(n)))-1)
	digits := strconv.FormatFloat(math.Round(n/unit)*unit, 'f', 0, 64)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + " " + digits[i:]
	}
	return digits
}

// percent writes a share.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + " %" }

// signed writes a change.
func signed(share float64) string { return fmt.Sprintf("%+.1f %%", 100*share) }

// chance writes how likely something is, and never that it is certain.
func chance(p float64) string {
	if p >= .9995 {
		return "over 99.9 %"
	}
	return percent(p)
}
