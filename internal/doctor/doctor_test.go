package doctor

import (
	"testing"
	"time"
)

func TestPlaceholders(t *testing.T) {
	for _, value := range []string{
		"none", "N/A", "unknown", "無", "noreply@shop.example", "None@None.com", "0900000000", "+886900000000", "1111111", "123456789", "000-000-0000", "1234567890",
	} {
		if !isPlaceholder(value) {
			t.Errorf("%q is taken for somebody's", value)
		}
	}
	for _, value := range []string{
		"", "mei.chen@example.com", "nora@x.tw", "+886912345678", "0912000111", "12345", "U4af4980629", "00010002", "a@b", "110011", "guesthouse@x",
	} {
		if isPlaceholder(value) {
			t.Errorf("%q is taken for nobody's", value)
		}
	}
}

func TestMasked(t *testing.T) {
	for value, want := range map[string]string{
		"mei.chen@example.com": "m…@… (20 characters)", "+886912345678": "+… (13 characters)", "美玲卡": "美… (3 characters)", "x": "…", "": "…",
		"noreply@x.tw": `"noreply@x.tw"`,
	} {
		if got := masked(value); got != want {
			t.Errorf("%q is shown as %s, want %s", value, got, want)
		}
	}
}

// TestQuiet holds that a night is found wherever it lies on the clock, and none where there is none.
func TestQuiet(t *testing.T) {
	day := func(begin, end int, busy, quiet int64) *hours {
		h := &hours{}
		for i := range h.byHour {
			h.byHour[i] = busy
			for hour := begin; hour != end; hour = (hour + 1) % 24 {
				if hour == i {
					h.byHour[i] = quiet
				}
			}
		}
		return h
	}
	for name, c := range map[string]struct {
		h      *hours
		middle float64
		ok     bool
	}{
		"night":              {day(1, 6, 100, 3), 3.5, true},
		"across midnight":    {day(22, 5, 100, 3), 1.5, true},
		"opening hours":      {day(20, 8, 100, 0), 2, true},
		"at noon":            {day(10, 16, 100, 3), 13, true},
		"ends at midnight":   {day(20, 0, 100, 3), 22, true},
		"no quiet time":      {day(0, 0, 100, 100), 0, false},
		"one quiet hour":     {day(4, 5, 100, 0), 0, false},
		"one busy hour":      {day(10, 9, 1_000, 0), 0, false},
		"too few to tell":    {day(1, 6, 10, 0), 0, false},
		"not quiet enough":   {day(1, 6, 100, 60), 0, false},
		"nothing was stored": {&hours{}, 0, false},
	} {
		if middle, ok := c.h.quiet(); middle != c.middle || ok != c.ok {
			t.Errorf("%s: %v %v, want %v %v", name, middle, ok, c.middle, c.ok)
		}
	}
}

func TestMidnights(t *testing.T) {
	taipei, err := time.LoadLocation("Asia/Taipei")
	if err != nil {
		t.Fatal(err)
	}
	h := &hours{}
	for _, at := range []string{"2026-10-01T00:00:00+08:00", "2026-10-01T00:00:00Z", "2026-10-01T00:00:01+08:00", "2026-10-01T09:30:00+08:00"} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		h.add(moment.UnixMicro(), taipei)
	}
	if h.all != 4 || h.midnights != 1 || h.elsewhere != 1 || h.byHour[0] != 1 || h.byHour[9] != 1 {
		t.Errorf("counted %+v", h)
	}
}

func TestReport(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	r := NewReport("sqlite:x", at, nil, Checks(), FileChecks(), []Finding{{Check: CheckDisk, Severity: Note}, {Check: CheckWrite, Severity: Problem}})
	if r.Worst != Problem || r.Findings[0].Check != CheckWrite || len(r.Passed) != 2 || len(r.Skipped) != len(DataChecks()) {
		t.Errorf("report is %+v", r)
	}
	if r := NewReport("sqlite:x", at, nil, Checks(), Checks(), nil); r.Worst != "" || len(r.Passed) != len(Checks()) || len(r.Skipped) != 0 {
		t.Errorf("report is %+v", r)
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
}
