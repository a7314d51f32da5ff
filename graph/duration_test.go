package graph

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	for in, want := range map[string]Duration{
		"P90D":                   {Days: 90},
		"P6M":                    {Months: 6},
		"P1Y2M":                  {Years: 1, Months: 2},
		"P2W":                    {Days: 14},
		"P1W3D":                  {Days: 10},
		"P1Y2M3W4DT5H6M7S":       {Years: 1, Months: 2, Days: 25, Time: 5*time.Hour + 6*time.Minute + 7*time.Second},
		"PT36H":                  {Time: 36 * time.Hour},
		"PT90M":                  {Time: 90 * time.Minute},
		"PT1M":                   {Time: time.Minute},
		"P1M":                    {Months: 1},
		"PT0.000001S":            {Time: time.Microsecond},
		"PT1,5S":                 {Time: 1500 * time.Millisecond},
		"P0Y1D":                  {Days: 1},
		"P007D":                  {Days: 7},
		"P200Y":                  {Years: 200},
		"P2400M":                 {Months: 2400},
		"P73048D":                {Days: 73048},
		"PT1753163H":             {Time: 1753163 * time.Hour},
		"P0000000000000000001D":  {Days: 1},
		"P199Y11M29DT23H59M59S":  {Years: 199, Months: 11, Days: 29, Time: 24*time.Hour - time.Second},
		"P199Y365D":              {Years: 199, Days: 365},
		"PT0H0M0.5S":             {Time: 500 * time.Millisecond},
		"PT6311390399.999999S":   {Time: 6311390400*time.Second - time.Microsecond},
		"P1YT6279833447.999999S": {Years: 1, Time: 6279833448*time.Second - time.Microsecond},
	} {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
}

func TestParseDurationRefuses(t *testing.T) {
	for _, in := range []string{"", "P", "PT", "P1", "1D", "p1d", "P1d", " P1D", "P1D ", "P-1D", "-P1D", "+P1D", "P1DT", "P1H", "PT1D", "PT1Y",
		"P1D1D", "P1D1M", "P1D2W", "PT1S1M", "P1.5D", "PT1.5H", "PT1.S", "PT.5S", "PT1.1234567S", "PT1.5", "P1DT1.5", "PT1.-5S", "P１D",
		"P0D", "P0Y0M0DT0H0M0S", "PT0.0S", "P201Y", "P200Y1D", "P200YT0.000001S", "P2401M", "P73049D", "P10436W", "PT1753165H",
		"PT6311390400.000001S", "P99999999999999999999D", "P9999999999Y", "PT9999999999H9999999999M9999999999S", "P100Y1201M",
		"P200Y2400M73048D", "P1TT1H", "P1D\x00"} {
		if got, err := ParseDuration(in); !errors.Is(err, ErrInvalid) || got != (Duration{}) {
			t.Errorf("ParseDuration(%q) = %+v, %v; want a refusal", in, got, err)
		}
	}
	if _, err := ParseDuration("90d"); err.Error() != `duration "90d": write ISO 8601, for example P90D, P6M or PT36H: invalid` {
		t.Error(err)
	}
}

func TestDurationString(t *testing.T) {
	for in, want := range map[string]string{"P2W": "P14D", "P1Y2M3DT4H5M6S": "P1Y2M3DT4H5M6S", "PT36H": "PT36H", "PT90M": "PT1H30M",
		"P18M": "P18M", "PT0.50S": "PT0.5S", "PT61.000001S": "PT1M1.000001S", "PT3600S": "PT1H"} {
		d, err := ParseDuration(in)
		if got := d.String(); err != nil || got != want {
			t.Errorf("ParseDuration(%q).String() = %q, %v; want %q", in, got, err, want)
		}
	}
	if got := (Duration{}).String(); got != "P0D" {
		t.Errorf("the zero Duration is %q", got)
	}
}

func TestDurationBefore(t *testing.T) {
	taipei := time.FixedZone("Taipei", 8*3600)
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip(err)
	}
	for _, test := range []struct {
		duration string
		t, want  time.Time
	}{
		{"P1M", time.Date(2026, 3, 31, 12, 0, 0, 5, time.UTC), time.Date(2026, 2, 28, 12, 0, 0, 5, time.UTC)},
		{"P1M", time.Date(2028, 3, 31, 0, 0, 0, 0, time.UTC), time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"P1Y", time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(2027, 2, 28, 0, 0, 0, 0, time.UTC)},
		{"P4Y", time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"P1M1D", time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 27, 0, 0, 0, 0, time.UTC)},
		{"P12M", time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC), time.Date(2025, 1, 15, 0, 0, 0, 0, time.UTC)},
		{"P1M", time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC), time.Date(2025, 12, 15, 0, 0, 0, 0, time.UTC)},
		{"P25M", time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), time.Date(2023, 12, 31, 0, 0, 0, 0, time.UTC)},
		{"P90D", time.Date(2026, 3, 1, 0, 0, 0, 0, taipei), time.Date(2025, 12, 1, 0, 0, 0, 0, taipei)},
		{"P2W", time.Date(2026, 1, 1, 9, 0, 0, 0, taipei), time.Date(2025, 12, 18, 9, 0, 0, 0, taipei)},
		{"PT36H", time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
		// The clocks of New York went forward on 8 March 2026: a day has 23 hours, 24 hours are no day.
		{"P1D", time.Date(2026, 3, 8, 12, 0, 0, 0, newYork), time.Date(2026, 3, 7, 12, 0, 0, 0, newYork)},
		{"PT24H", time.Date(2026, 3, 8, 12, 0, 0, 0, newYork), time.Date(2026, 3, 7, 11, 0, 0, 0, newYork)},
		{"P200Y", time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), time.Date(1826, 3, 8, 0, 0, 0, 0, time.UTC)},
		{"P13M", time.Date(100, 1, 8, 0, 0, 0, 0, time.UTC), time.Date(98, 12, 8, 0, 0, 0, 0, time.UTC)},
	} {
		d, err := ParseDuration(test.duration)
		if got := d.Before(test.t); err != nil || !got.Equal(test.want) || got.Location() != test.t.Location() {
			t.Errorf("%s before %v = %v, %v; want %v", test.duration, test.t, got, err, test.want)
		}
	}
}

func TestDurationProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDuration(t)
		if got, err := ParseDuration(d.String()); err != nil || got != d {
			t.Errorf("ParseDuration(%v) = %+v, %v; want %+v", d, got, err, d)
		}
		at := drawTime(t)
		before := d.Before(at)
		if !before.Before(at) {
			t.Errorf("%v before %v is %v, which is not earlier", d, at, before)
		}
		months := Duration{Months: d.Years*12 + d.Months, Days: d.Days, Time: d.Time}
		if got := months.Before(at); !got.Equal(before) {
			t.Errorf("%v before %v = %v, but for %v it is %v", d, at, before, months, got)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, in := range []string{"", "P", "P90D", "P6M", "P1Y2M", "P2W", "PT36H", "P1DT12H", "PT0.5S", "P1Y2M3W4DT5H6M7.89S", "PT", "-P1D",
		"P200Y", "P99999999999D", "P1D1D"} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		d, err := ParseDuration(in)
		if err != nil {
			if !errors.Is(err, ErrInvalid) || d != (Duration{}) {
				t.Fatalf("ParseDuration(%q) = %+v, %v", in, d, err)
			}
			return
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d {
			t.Fatalf("ParseDuration(%q) is %+v, written %v, read %+v, %v", in, d, d, again, err)
		}
		now := time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)
		if before := d.Before(now); !before.Before(now) || before.Year() < now.Year()-MaxDurationYears-1 {
			t.Fatalf("%v before %v is %v", d, now, before)
		}
	})
}
