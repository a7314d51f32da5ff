package bulk

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// timeLayout is how a column writes times: a text with directives, or a count since 1970.
type timeLayout struct {
	text  string
	parts []layoutPart
	unit  time.Duration // of a count; 0 for a text
	plain byte          // what stands between date and clock of the most usual layout; 0 for others
}

// plainLayouts are the most usual ones, which are read at once where every part has all of its digits.
var plainLayouts = map[string]byte{"%Y-%m-%d %H:%M:%S": ' ', "%Y-%m-%dT%H:%M:%S": 'T'}

// layoutPart is a directive, or with directive 0 a text that stands between them.
type layoutPart struct {
	directive byte
	literal   string
}

// layoutDirectives are what may stand after % in a layout, as in strftime.
const layoutDirectives = "YymdHIMSfpbBz%"

// layoutCounts are the layouts that count from 1970.
var layoutCounts = map[string]time.Duration{"unix": time.Second, "unix_ms": time.Millisecond, "unix_us": time.Microsecond}

// parseLayout reads a layout and says what is wrong with it.
func parseLayout(text string) (*timeLayout, error) {
	l := &timeLayout{text: text, plain: plainLayouts[text]}
	if unit, ok := layoutCounts[text]; ok {
		l.unit = unit
		return l, nil
	}
	has := map[byte]bool{}
	for rest := text; rest != ""; {
		literal, after, found := strings.Cut(rest, "%")
		if literal != "" {
			l.parts = append(l.parts, layoutPart{literal: literal})
		}
		if !found {
			break
		}
		if after == "" || !strings.Contains(layoutDirectives, after[:1]) {
			return nil, fmt.Errorf("%%%.1s is not known in %q: use %%Y %%y %%m %%d %%b %%B %%H %%I %%p %%M %%S %%f %%z, or unix, unix_ms, unix_us for all of it", after, text)
		}
		if after[0] == '%' {
			l.parts = append(l.parts, layoutPart{literal: "%"})
		} else {
			l.parts = append(l.parts, layoutPart{directive: after[0]})
			has[after[0]] = true
		}
		rest = after[1:]
	}
	switch {
	case len(has) == 0:
		return nil, fmt.Errorf("%q has no directives: write it as %%Y-%%m-%%d %%H:%%M:%%S, or unix, unix_ms, unix_us", text)
	case !has['Y'] && !has['y'], !has['m'] && !has['b'] && !has['B'], !has['d']:
		return nil, fmt.Errorf("%q lacks the year, the month or the day", text)
	case has['I'] != has['p']:
		return nil, fmt.Errorf("%q needs both %%I and %%p, or %%H", text)
	}
	return l, nil
}

// clock is the parts of a time as they are read.
type clock struct {
	year, month, day, hour, minute, second, nanos int
	half                                          string // "am", "pm" or ""
	offset                                        int    // seconds
	hasOffset                                     bool
}

// parse reads a time; where it has no offset it is one of the zone.
func (l *timeLayout) parse(s string, zone *time.Location) (time.Time, bool) {
	if l.unit != 0 {
		return l.count(s)
	}
	var c clock
	if l.plain != 0 && len(s) == len(time.DateTime) && c.readPlain(s, l.plain) {
		return c.time(zone)
	}
	rest := s
	for _, part := range l.parts {
		if part.directive == 0 {
			after, found := strings.CutPrefix(rest, part.literal)
			if !found {
				return time.Time{}, false
			}
			rest = after
			continue
		}
		after, ok := c.read(part.directive, rest)
		if !ok {
			return time.Time{}, false
		}
		rest = after
	}
	if rest != "" {
		return time.Time{}, false
	}
	return c.time(zone)
}

// readPlain reads 2006-01-02 15:04:05; what is written otherwise is left to the layout's parts.
func (c *clock) readPlain(s string, between byte) bool {
	if s[4] != '-' || s[7] != '-' || s[10] != between || s[13] != ':' || s[16] != ':' {
		return false
	}
	var ok [6]bool
	c.year, ok[0] = digits(s[0:4])
	c.month, ok[1] = digits(s[5:7])
	c.day, ok[2] = digits(s[8:10])
	c.hour, ok[3] = digits(s[11:13])
	c.minute, ok[4] = digits(s[14:16])
	c.second, ok[5] = digits(s[17:19])
	return ok == [6]bool{true, true, true, true, true, true} && c.month >= 1 && c.month <= 12 && c.day >= 1 && c.hour <= 23 &&
		c.minute <= 59 && c.second <= 59
}

// count reads a number since 1970, also one that is written with a fraction.
func (l *timeLayout) count(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		micros := n
		if l.unit != time.Microsecond {
			factor := int64(l.unit / time.Microsecond)
			if n > math.MaxInt64/factor || n < math.MinInt64/factor {
				return time.Time{}, false
			}
			micros = n * factor
		}
		return time.UnixMicro(micros).UTC(), true
	}
	f, err := strconv.ParseFloat(s, 64)
	micros := f * float64(l.unit/time.Microsecond)
	if err != nil || math.IsNaN(micros) || math.Abs(micros) >= 1<<62 {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(math.Round(micros))).UTC(), true
}

var monthNames = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// read takes what a directive stands for from the beginning of s.
func (c *clock) read(directive byte, s string) (rest string, ok bool) {
	switch directive {
	case 'Y':
		return number4(s, &c.year)
	case 'y':
		rest, ok = number2(s, &c.year, 0, 99)
		if c.year += 1900; c.year < 1969 {
			c.year += 100
		}
		return rest, ok
	case 'm':
		return number2(s, &c.month, 1, 12)
	case 'd':
		return number2(s, &c.day, 1, 31)
	case 'H':
		return number2(s, &c.hour, 0, 23)
	case 'I':
		return number2(s, &c.hour, 1, 12)
	case 'M':
		return number2(s, &c.minute, 0, 59)
	case 'S':
		return number2(s, &c.second, 0, 59)
	case 'f':
		return fraction(s, &c.nanos)
	case 'p':
		if len(s) < 2 {
			return s, false
		}
		c.half = strings.ToLower(s[:2])
		return s[2:], c.half == "am" || c.half == "pm"
	case 'b', 'B':
		return c.monthName(s, directive == 'b')
	default:
		return c.zoneOffset(s)
	}
}

func number4(s string, to *int) (string, bool) {
	if len(s) < 4 {
		return s, false
	}
	n, ok := digits(s[:4])
	*to = n
	return s[4:], ok
}

// number2 reads one or two digits.
func number2(s string, to *int, least, most int) (string, bool) {
	n := 0
	for n < 2 && n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 {
		return s, false
	}
	*to, _ = digits(s[:n])
	return s[n:], *to >= least && *to <= most
}

func fraction(s string, nanos *int) (string, bool) {
	n := 0
	for n < 9 && n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 {
		return s, false
	}
	*nanos, _ = digits(s[:n])
	for range 9 - n {
		*nanos *= 10
	}
	return s[n:], true
}

func (c *clock) monthName(s string, short bool) (string, bool) {
	for i, name := range monthNames {
		if short {
			name = name[:3]
		}
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			c.month = i + 1
			return s[len(name):], true
		}
	}
	return s, false
}

func (c *clock) zoneOffset(s string) (string, bool) {
	n := 0
	switch {
	case s != "" && (s[0] == 'Z' || s[0] == 'z'):
		n = 1
	case len(s) >= 6 && s[3] == ':':
		n = 6
	case len(s) >= 5:
		n = 5
		s = s[:3] + ":" + s[3:]
		n++
	}
	offset, ok := parseOffset(s[:n])
	c.offset, c.hasOffset = offset, true
	return s[n:], ok
}

func (c *clock) time(zone *time.Location) (time.Time, bool) {
	switch {
	case c.day > daysIn(c.year, c.month):
		return time.Time{}, false
	case c.half == "pm" && c.hour < 12:
		c.hour += 12
	case c.half == "am" && c.hour == 12:
		c.hour = 0
	}
	if c.hasOffset || zone == time.UTC {
		seconds := daysSince1970(c.year, c.month, c.day)*86400 + int64(c.hour*3600+c.minute*60+c.second-c.offset)
		return time.Unix(seconds, int64(c.nanos)).UTC(), true
	}
	return time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, c.nanos, zone), true
}
