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
}

func (f *figureFlags) add(cmd *cobra.Command, zone *time.Location) {
	m, cuts := stat.DefaultMultiples(), stat.DefaultTierCuts()
	config.ZoneVar(cmd.Flags(), &f.zone, zone)
	cmd.Flags().Float64SliceVar(&f.lifecycle, "lifecycle", []float64{m.Core, m.Dozing, m.HalfAsleep}, "the stages CORE, DOZING and HALF_ASLEEP end after so many `cycles` of purchases")
	cmd.Flags().Float64SliceVar(&f.tiers, "tiers", []float64{cuts.Diamond, cuts.Gold}, "the tiers DIAMOND and GOLD end at these `shares` of cumulative value")
	config.CurrencyVar(cmd.Flags(), &f.currency, "", "currency `code` that --rates lead to (ISO 4217, as TWD)")
	cmd.Flags().StringVar(&f.rates, "rates", "", "convert amounts into --currency by this CSV `file`: currency,month,rate; an empty month stands for all that are not listed")
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
	rates, err := f.readRates()
	if err != nil {
		return o, err
	}
	return insight.Options{Zone: f.zone, Rates: rates, Thresholds: insight.Thresholds{
		Lifecycle: stat.Multiples{Core: f.lifecycle[0], Dozing: f.lifecycle[1], HalfAsleep: f.lifecycle[2]},
		Tiers:     stat.TierCuts{Diamond: f.tiers[0], Gold: f.tiers[1]}, Window: f.weeks,
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
