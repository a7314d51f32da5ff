package bulk

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	taipei := time.FixedZone("", 8*3600)
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in   string
		zone *time.Location
		want string // "" when it is no time
	}{
		{"2026-01-31T18:30:00Z", nil, "2026-01-31T18:30:00Z"},
		{"2026-01-31T18:30:00+08:00", nil, "2026-01-31T10:30:00Z"},
		{"2026-01-31 18:30:00-00:30", nil, "2026-01-31T19:00:00Z"},
		{"2026-01-31t18:30:00z", nil, "2026-01-31T18:30:00Z"},
		{"2026-01-31T18:30:00.5Z", nil, "2026-01-31T18:30:00.5Z"},
		{"2026-01-31T18:30:00.123456789Z", nil, "2026-01-31T18:30:00.123456789Z"},
		{"2026-01-31T18:30:00.1234567891Z", nil, "2026-01-31T18:30:00.123456789Z"},
		{"2026-01-31", time.UTC, "2026-01-31T00:00:00Z"},
		{"2026-01-31", taipei, "2026-01-30T16:00:00Z"},
		{"2026-03-08", newYork, "2026-03-08T05:00:00Z"},
		{"2024-02-29", time.UTC, "2024-02-29T00:00:00Z"},
		{"0001-01-01T00:00:00Z", nil, "0001-01-01T00:00:00Z"},
		{"9999-12-31T23:59:59Z", nil, "9999-12-31T23:59:59Z"},
		{"1969-12-31T23:59:59.5Z", nil, "1969-12-31T23:59:59.5Z"},
		{"2025-02-29", time.UTC, ""}, {"1900-02-29", time.UTC, ""}, {"2026-13-01", time.UTC, ""}, {"2026-00-01", time.UTC, ""},
		{"2026-1-1", time.UTC, ""}, {"2026-01-32", time.UTC, ""}, {"2026-01-31T18:30:00", nil, ""}, {"2026-01-31T18:30Z", nil, ""},
		{"2026-01-31T24:00:00Z", nil, ""}, {"2026-01-31T18:30:60Z", nil, ""}, {"2026-01-31T18:30:00.Z", nil, ""},
		{"2026-01-31T18:30:00+0800", nil, ""}, {"2026-01-31T18:30:00+24:00", nil, ""}, {"20260131", time.UTC, ""},
		{"31/01/2026", time.UTC, ""}, {"yesterday!", time.UTC, ""}, {"", time.UTC, ""}, {"2026-01-31 ", time.UTC, ""},
		{"٢٠٢٦-٠١-٣١", time.UTC, ""},
	} {
		got, ok := parseTime(c.in, c.zone)
		switch {
		case ok != (c.want != ""):
			t.Errorf("parseTime(%q) = %v, %v", c.in, got, ok)
		case ok && got.UTC().Format(time.RFC3339Nano) != c.want:
			t.Errorf("parseTime(%q) = %s, want %s", c.in, got.UTC().Format(time.RFC3339Nano), c.want)
		}
	}
}

// FuzzParseTime compares with package time wherever that reads the same text.
func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2026-01-31T18:30:00Z", "1969-12-31T23:59:59.999999999-23:59", "0000-02-29T00:00:00Z", "2026-01-31T18:30:00.1234567890123Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseTime(s, time.UTC)
		want, err := time.Parse(time.RFC3339, s)
		// Package time also takes hours of one digit and decimal commas, which RFC 3339 does not.
		if err == nil && len(s) > 19 && s[13] == ':' && s[19] != ',' && (!ok || !got.Equal(want)) {
			t.Fatalf("parseTime(%q) = %v, %v; package time reads %v", s, got, ok, want)
		}
		if ok && got.Year() > 10_000 {
			t.Fatalf("parseTime(%q) = %v", s, got)
		}
	})
}

// BenchmarkParseTime measures the usual form.
func BenchmarkParseTime(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := parseTime("2026-01-31T18:30:00+08:00", time.UTC); !ok {
			b.Fatal("not read")
		}
	}
}
