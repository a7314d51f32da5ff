package stat

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"testing"
)

// tourism reads the 304 series of quarterly trips in Australia, 80 quarters each.
func tourism(t *testing.T) [][]float64 {
	t.Helper()
	rows := csv.NewReader(published(t, "aus_tourism/tourism_tsibble.csv.gz"))
	if _, err := rows.Read(); err != nil {
		t.Fatal(err)
	}
	var series [][]float64
	last := ""
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if key := row[1] + row[2] + row[3]; key != last {
			series, last = append(series, nil), key
		}
		series[len(series)-1] = append(series[len(series)-1], number(t, row[4]))
	}
	if len(series) != 304 {
		t.Fatalf("%d series, want 304", len(series))
	}
	return series
}

// mase is the mean absolute error by that of the seasonal naive forecast within the series (Hyndman & Koehler 2006).
func mase(train, test, forecast []float64, period int) float64 {
	scale, err := 0., 0.
	for i := period; i < len(train); i++ {
		scale += math.Abs(train[i] - train[i-period])
	}
	for k, v := range test {
		err += math.Abs(v - forecast[k])
	}
	return err / float64(len(test)) / (scale / float64(len(train)-period))
}

// meanMASE holds out the last two years of each series.
func meanMASE(t *testing.T, series [][]float64, forecast func(y []float64, period, h int) []float64) float64 {
	t.Helper()
	sum := 0.
	for _, y := range series {
		train, test := y[:len(y)-8], y[len(y)-8:]
		sum += mase(train, test, forecast(train, 4, 8), 4)
	}
	return sum / float64(len(series))
}

// TestThetaOfTourism: the errors over the 304 series are the published ones, .939 being that of ThetaModel of statsmodels 0.15 (.93933), additive and without its test; so are the forecasts of
// three series.
func TestThetaOfTourism(t *testing.T) {
	series := tourism(t)
	within(t, "MASE of the seasonal naive forecast", meanMASE(t, series, SeasonalNaive), 1.167, .0005)
	within(t, "MASE of Theta", meanMASE(t, series, Theta), .939, .0005)
	for i, want := range map[int][8]float64{
		5:   {11.70746, 14.77194, 13.0854, 12.52242, 11.72802, 14.7925, 13.10596, 12.54299},
		100: {189.4989, 222.3942, 227.4224, 225.1044, 190.4278, 223.3231, 228.3512, 226.0332},
		119: {49.49746, 51.44759, 50.13662, 54.89705, 49.71363, 51.66376, 50.35278, 55.11321},
	} {
		for k, v := range Theta(series[i][:72], 4, 8) {
			within(t, "the forecast", v, want[k], 1e-3*want[k])
		}
	}
}

// TestDampedETSOfTourism: ets of forecast 8.20 has .989 with the same model, all of whose first figures are fitted.
func TestDampedETSOfTourism(t *testing.T) {
	if got := meanMASE(t, tourism(t), DampedETS); got > 1.03 {
		t.Errorf("MASE %.4f", got)
	}
}

// TestForecastOfTourism: the combination is better than the last season again, and its 80 % interval holds four values of five, near and far.
func TestForecastOfTourism(t *testing.T) {
	series := tourism(t)
	errors, above, steps := 0., 0., [8]float64{}
	for _, y := range series {
		train, test := y[:72], y[72:]
		p, err := Forecast(train, 4, 8, .8)
		if err != nil {
			t.Fatal(err)
		}
		errors += mase(train, test, p.Mid, 4)
		for k, v := range test {
			if v >= p.Low[k] && v <= p.High[k] {
				steps[k]++
			} else if v > p.High[k] {
				above++
			}
		}
	}
	n := float64(len(series))
	covered := 0.
	for k := range steps {
		covered += steps[k] / n / 8
		within(t, "the coverage of a step", steps[k]/n, .8, .06)
	}
	t.Logf("MASE %.4f, coverage %.4f, above %.4f", errors/n, covered, above/n/8)
	within(t, "the coverage", covered, .8, .04)
	if errors/n > .985 {
		t.Errorf("MASE %.4f, that of the seasonal naive forecast is 1.167", errors/n)
	}
}
