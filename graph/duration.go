package graph

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a span of calendar time as ISO 8601 writes it: "P90D", "P6M", "P1Y2M", "P2W", "PT36H". Years, months and
// days are the calendar's, hours and less are exact. No part is negative. Durations are comparable with ==, which takes
// P12M and P1Y for different ones.
type Duration struct {
	Years  int
	Months int
	Days   int
	Time   time.Duration
}

// The average length of a month is 365.2425 days / 12. No duration is longer than MaxDurationYears.
const (
	MaxDurationYears = 200
	secondsPerMonth  = 2_629_746
	secondsPerDay    = 86_400
	maxSeconds       = MaxDurationYears * 12 * secondsPerMonth
)

// designators are the units in the order in which ISO 8601 writes them, before the T and after it.
var designators = [2]string{"YMWD", "HMS"}

// ParseDuration reads an ISO 8601 duration. Weeks become seven days each and may stand beside other units; only seconds
// may have a fraction, of at most six digits. What is not a duration, zero, negative or longer than [MaxDurationYears]
// is [ErrInvalid].
func ParseDuration(s string) (Duration, error) {
	d, err := parseDuration(s)
	if err != nil {
		return Duration{}, fmt.Errorf("duration %q: %w: %w", Clip(s), err, ErrInvalid)
	}
	return d, nil
}

var (
	errNotDuration  = errors.New("write ISO 8601, for example P90D, P6M or PT36H")
	errLongDuration = fmt.Errorf("is longer than %d years", MaxDurationYears)
	errZeroDuration = errors.New("is zero: a duration must be positive")
)

func parseDuration(s string) (Duration, error) {
	rest, ok := strings.CutPrefix(s, "P")
	if !ok || len(s) > 64 {
		return Duration{}, errNotDuration
	}
	date, clock, hasClock := strings.Cut(rest, "T")
	if (hasClock && clock == "") || rest == "" {
		return Duration{}, errNotDuration
	}
	var d Duration
	var weeks, seconds int // seconds of hours, minutes and seconds together
	for part, text := range []string{date, clock} {
		units := designators[part]
		for text != "" {
			n, fraction, unit, tail, err := nextPart(text)
			if err != nil {
				return Duration{}, err
			}
			at := strings.IndexByte(units, unit)
			if at < 0 || (fraction != 0 && unit != 'S') {
				return Duration{}, errNotDuration
			}
			units, text = units[at+1:], tail
			switch {
			case unit == 'Y':
				d.Years = n
			case unit == 'M' && part == 0:
				d.Months = n
			case unit == 'W':
				weeks = n
			case unit == 'D':
				d.Days = n
			case unit == 'H':
				seconds += n * 3600
			case unit == 'M':
				seconds += n * 60
			default:
				seconds += n
				d.Time = fraction
			}
		}
	}
	if seconds > maxSeconds {
		return Duration{}, errLongDuration
	}
	d.Days += weeks * 7
	d.Time += time.Duration(seconds) * time.Second
	if err := d.check(); err != nil {
		return Duration{}, err
	}
	return d, nil
}

// nextPart reads one number with its unit. The number is small enough to be multiplied by any unit.
func nextPart(s string) (n int, fraction time.Duration, unit byte, rest string, err error) {
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits == len(s) {
		return 0, 0, 0, "", errNotDuration
	}
	number := strings.TrimLeft(s[:digits], "0")
	s = s[digits:]
	if s[0] == '.' || s[0] == ',' {
		end := strings.IndexByte(s, 'S')
		if end < 2 || end > 7 || strings.Trim(s[1:end], "0123456789") != "" {
			return 0, 0, 0, "", errNotDuration
		}
		micros, _ := strconv.Atoi((s[1:end] + "00000")[:6])
		fraction, s = time.Duration(micros)*time.Microsecond, s[end:]
	}
	if len(number) > 10 {
		return 0, 0, 0, "", errLongDuration
	}
	if number != "" {
		n, _ = strconv.Atoi(number)
	}
	if n > maxSeconds {
		return 0, 0, 0, "", errLongDuration
	}
	return n, fraction, s[0], s[1:], nil
}

// check tells what is wrong with a duration, nil when it is one that [ParseDuration] gives.
func (d Duration) check() error {
	if d.Years < 0 || d.Months < 0 || d.Days < 0 || d.Time < 0 || d.Time%time.Microsecond != 0 {
		return errNotDuration
	}
	if d == (Duration{}) {
		return errZeroDuration
	}
	if d.Years > MaxDurationYears || d.Months > 12*MaxDurationYears || d.Days > maxSeconds/secondsPerDay {
		return errLongDuration
	}
	seconds := (d.Years*12+d.Months)*secondsPerMonth + d.Days*secondsPerDay
	if seconds > maxSeconds || d.Time > time.Duration(maxSeconds-seconds)*time.Second {
		return errLongDuration
	}
	return nil
}

// String writes the duration as ISO 8601: "P1Y2M", "P14D", "PT36H". Weeks are written as days, and of the exact part
// minutes and seconds below 60; nothing else is carried over. The zero Duration is "P0D".
func (d Duration) String() string {
	if d == (Duration{}) {
		return "P0D"
	}
	text := []byte{'P'}
	add := func(n int64, unit byte) {
		if n != 0 {
			text = append(strconv.AppendInt(text, n, 10), unit)
		}
	}
	add(int64(d.Years), 'Y')
	add(int64(d.Months), 'M')
	add(int64(d.Days), 'D')
	if d.Time == 0 {
		return string(text)
	}
	text = append(text, 'T')
	add(int64(d.Time/time.Hour), 'H')
	add(int64(d.Time%time.Hour/time.Minute), 'M')
	seconds := d.Time % time.Minute
	if fraction := seconds % time.Second; fraction != 0 {
		digits := strings.TrimRight(fmt.Sprintf("%06d", fraction/time.Microsecond), "0")
		return fmt.Sprintf("%s%d.%sS", text, seconds/time.Second, digits)
	}
	add(int64(seconds/time.Second), 'S')
	return string(text)
}

// Before gives the moment that lies the duration before t, by the calendar of t's zone: first years and months, with
// the day drawn back to the month's last (31 March less P1M is 28 or 29 February), then days at the same time of day,
// then exact time. Where days are drawn back, a later t may have an earlier answer: one month before 30 March 23:00 is
// 28 February 23:00, before 31 March 01:00 it is 28 February 01:00.
func (d Duration) Before(t time.Time) time.Time {
	year, month, day := t.Date()
	months := year*12 + int(month) - 1 - d.Years*12 - d.Months
	first := time.Date(0, time.Month(months+1), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	hour, minute, second := t.Clock()
	return time.Date(first.Year(), first.Month(), min(day, last)-d.Days, hour, minute, second, t.Nanosecond(), t.Location()).
		Add(-d.Time)
}
