package bulk

import (
	"strings"
	"time"
)

// parseTime reads an RFC 3339 time, also with a space for the T and in small letters, or a date alone, which is midnight
// in the zone.
func parseTime(s string, zone *time.Location) (time.Time, bool) {
	if len(s) < len(time.DateOnly) {
		return time.Time{}, false
	}
	year, okYear := digits(s[0:4])
	month, okMonth := digits(s[5:7])
	day, okDay := digits(s[8:10])
	if !okYear || !okMonth || !okDay || s[4] != '-' || s[7] != '-' || month < 1 || month > 12 || day < 1 ||
		day > daysIn(year, month) {
		return time.Time{}, false
	}
	if len(s) == len(time.DateOnly) {
		return time.Date(year, time.Month(month), day, 0, 0, 0, 0, zone), true
	}
	return parseClock(s, year, month, day)
}

// parseClock reads the rest of a time, whose date is read already. The usual forms are read by hand; what has an unusual
// fraction goes to package time.
func parseClock(s string, year, month, day int) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || (s[10] != 'T' && s[10] != ' ' && s[10] != 't') || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	hour, okHour := digits(s[11:13])
	minute, okMinute := digits(s[14:16])
	second, okSecond := digits(s[17:19])
	if !okHour || !okMinute || !okSecond || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	rest := s[19:]
	nanos := 0
	if rest[0] == '.' {
		end := 1
		for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
			end++
		}
		if end == 1 {
			return time.Time{}, false
		}
		if end > 10 {
			return parseSlowly(s)
		}
		nanos, _ = digits(rest[1:end])
		for range 10 - end {
			nanos *= 10
		}
		rest = rest[end:]
	}
	offset, ok := parseOffset(rest)
	if !ok {
		return time.Time{}, false
	}
	seconds := daysSince1970(year, month, day)*86400 + int64(hour*3600+minute*60+second-offset)
	return time.Unix(seconds, int64(nanos)).UTC(), true
}

func parseSlowly(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s[:10]+"T"+strings.ToUpper(s[11:]))
	return t.UTC(), err == nil
}

// parseOffset reads "Z" or "+08:00" as seconds east of UTC.
func parseOffset(s string) (seconds int, ok bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	if len(s) != 6 || s[3] != ':' || (s[0] != '+' && s[0] != '-') {
		return 0, false
	}
	hour, okHour := digits(s[1:3])
	minute, okMinute := digits(s[4:6])
	if !okHour || !okMinute || hour > 23 || minute > 59 {
		return 0, false
	}
	seconds = hour*3600 + minute*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int(d)
	}
	return n, true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// daysSince1970 counts days of the Gregorian calendar by eras of 400 years that begin in March, so that the leap day
// stands last.
func daysSince1970(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return int64(era)*146097 + int64(dayOfEra) - 719468
}
