package synth

import "time"

// seasons tell how much a kind of place is wanted by the month of the journey, January first. Their means are near 1.
var seasons = map[string][12]float64{
	"blossom": {.7, .8, 1.7, 1.7, 1.0, .8, 1.0, .9, .8, 1.0, 1.1, .9},
	"snow":    {1.8, 1.7, 1.0, .5, .6, .7, 1.2, 1.0, .6, .8, .7, 1.6},
	"summer":  {.5, .6, .8, 1.0, 1.2, 1.4, 2.0, 1.8, 1.1, .8, .5, .5},
	"autumn":  {.8, .8, .9, 1.0, .9, .7, .9, .8, 1.0, 1.7, 1.7, .9},
	"winter":  {1.5, 1.4, 1.0, .8, .7, .8, .9, .8, .7, .9, 1.1, 1.5},
	"spring":  {.9, 1.0, 1.3, 1.4, 1.2, .9, 1.0, .9, .8, .9, .9, .8},
	"school":  {1.2, 1.4, .7, 1.0, .7, .8, 1.8, 1.7, .6, .8, .7, .9},
}

// hours tell when people sit before their screens, by hour of the day.
var hours = []float64{5, 2.5, 1.2, .7, .5, .6, 1.5, 3, 5, 6.5, 7, 7, 9, 7.5, 6.5, 6.5, 6.5, 6, 6.5, 8, 10, 11.5, 11, 8}

// officeHours tell when shops and call centres are open.
var officeHours = []float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 8, 9, 7, 8, 9, 9, 9, 8, 6, 5, 3, 0, 0, 0}

// planning tells how many journeys are planned, by month: before the new year's holidays and the summer.
var planning = [12]float64{1.15, .85, 1.0, 1.0, 1.1, 1.25, 1.1, .9, .95, 1.05, 1.05, 1.1}

// newYears are the eves of the lunar new year, when nobody plans anything and everybody is away.
var newYears = []time.Time{
	time.Date(2024, 2, 9, 0, 0, 0, 0, time.UTC), time.Date(2025, 1, 28, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 16, 0, 0, 0, 0, time.UTC),
	time.Date(2027, 2, 5, 0, 0, 0, 0, time.UTC),
}

// holiday tells whether a day is within the week of a lunar new year.
func holiday(t time.Time) bool {
	for _, eve := range newYears {
		if d := t.Sub(eve).Hours() / 24; d >= -1 && d < 7 {
			return true
		}
	}
	return false
}

// eager tells how many journeys are planned on a day, relative to others. The marketplace grows by a fifth a year.
func eager(day time.Time, all span) float64 {
	weight := planning[day.Month()-1] * (1 + .2*all.years(day))
	if holiday(day) {
		weight *= .35
	}
	switch day.Weekday() {
	case time.Sunday:
		weight *= 1.25
	case time.Monday:
		weight *= 1.1
	case time.Friday, time.Saturday:
		weight *= .85
	}
	return weight
}

// at gives a moment of a day by weights of its hours.
func (s stream) at(day time.Time, weights []float64) time.Time {
	hour := s.pick(weights)
	y, m, d := day.Date()
	return time.Date(y, m, d, hour, s.IntN(60), s.IntN(60), 0, day.Location())
}
