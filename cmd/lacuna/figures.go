package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"lacuna/insight"
	"lacuna/insight/stat"
	"lacuna/internal/config"
)

// figureFlags say how figures are computed.
type figureFlags struct {
	zone      *time.Location
	lifecycle []float64
	tiers     []float64
	weeks     int
	currency  string
	rates     string
	value     valueFlags
}

// valueFlags say what of a buyer's spending is value, and for how long.
type valueFlags struct {
	days                    int
	margin, cannibalisation float64
}

func (f *valueFlags) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.days, "horizon-days", 365, "tell the value of gaps and customers for so many `days`")
	cmd.Flags().Float64Var(&f.margin, "margin", 1, "`share` of what is paid that counts as value; 1 tells what would be paid, not what would be earned")
	cmd.Flags().Float64Var(&f.cannibalisation, "cannibalisation", 0, "`share` of a gap's value that other products would lose")
}

// check tells what cannot be meant. Comparisons are so that no number at all does not pass.
func (f *valueFlags) check() error {
	switch {
	case f.days < 1 || f.days > 3_650:
		return usageError("--horizon-days: must be 1 to 3650")
	case !(f.margin > 0 && f.margin <= 1):
		return usageError("--margin: must be above 0, and at most 1, such as 0.3")
	case !(f.cannibalisation >= 0 && f.cannibalisation < 1):
		return usageError("--cannibalisation: must be 0 or more, and below 1, such as 0.2")
	}
	return nil
}

func (f *figureFlags) add(cmd *cobra.Command, zone *time.Location) {
	m, cuts := stat.DefaultMultiples(), stat.DefaultTierCuts()
	config.ZoneVar(cmd.Flags(), &f.zone, zone)
	cmd.Flags().Float64SliceVar(&f.lifecycle, "lifecycle", []float64{m.Core, m.Dozing, m.HalfAsleep}, "the stages CORE, DOZING and HALF_ASLEEP end after so many `cycles` of purchases")
	cmd.Flags().Float64SliceVar(&f.tiers, "tiers", []float64{cuts.Diamond, cuts.Gold}, "the tiers DIAMOND and GOLD end at these `shares` of cumulative value")
	config.CurrencyVar(cmd.Flags(), &f.currency, "", "currency `code` that --rates lead to (ISO 4217, as TWD)")
	cmd.Flags().StringVar(&f.rates, "rates", "", "convert amounts into --currency by this CSV `file`: currency,month,rate; an empty month stands for all that are not listed")
	f.value.add(cmd)
	cmd.Flags().IntVar(&f.weeks, "growth-weeks", 13, "growth compares so many `weeks` with the same ones a year before")
}

// options checks the flags.
func (f *figureFlags) options() (o insight.Options, err error) {
	switch {
	case len(f.lifecycle) != 3 || f.lifecycle[0] <= 0 || f.lifecycle[1] <= f.lifecycle[0] || f.lifecycle[2] <= f.lifecycle[1]:
		return o, usageError("--lifecycle: give three numbers of cycles, each more than the one before, such as 1,2,3")
	case len(f.tiers) != 2 || f.tiers[0] <= 0 || f.tiers[1] <= f.tiers[0] || f.tiers[1] >= 1:
		return o, usageError("--tiers: give two shares between 0 and 1, the second more than the first, such as 0.5,0.8")
	case f.weeks < 1 || f.weeks > 52:
		return o, usageError("--growth-weeks: must be 1 to 52")
	case f.rates != "" && f.currency == "":
		return o, usageError("--rates: say with --currency into which one amounts are converted")
	}
	if err := f.value.check(); err != nil {
		return o, err
	}
	rates, err := f.readRates()
	if err != nil {
		return o, err
	}
	return insight.Options{Zone: f.zone, Rates: rates, Thresholds: insight.Thresholds{
		Lifecycle: stat.Multiples{Core: f.lifecycle[0], Dozing: f.lifecycle[1], HalfAsleep: f.lifecycle[2]},
		Tiers:     stat.TierCuts{Diamond: f.tiers[0], Gold: f.tiers[1]}, Window: f.weeks,
		GapThresholds: insight.GapThresholds{HorizonDays: f.value.days, Margin: f.value.margin, Cannibalisation: f.value.cannibalisation},
	}}, nil
}

// readRates reads the table of rates, nil where there is none.
func (f *figureFlags) readRates() (*insight.Rates, error) {
	if f.rates == "" {
		return nil, nil //nolint:nilnil // there are none
	}
	file, err := os.Open(f.rates)
	if err != nil {
		return nil, fmt.Errorf("read rates: %w", err)
	}
	defer func() { _ = file.Close() }() // it was read
	rates, err := insight.ParseRates(f.currency, file)
	if err != nil {
		return nil, fmt.Errorf("read rates: %s: %w", f.rates, err)
	}
	return rates, nil
}
