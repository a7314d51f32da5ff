package main

import (
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
}

func (f *figureFlags) add(cmd *cobra.Command, zone *time.Location) {
	m, cuts := stat.DefaultMultiples(), stat.DefaultTierCuts()
	config.ZoneVar(cmd.Flags(), &f.zone, zone)
	cmd.Flags().Float64SliceVar(&f.lifecycle, "lifecycle", []float64{m.Core, m.Dozing, m.HalfAsleep}, "the stages CORE, DOZING and HALF_ASLEEP end after so many `cycles` of purchases")
	cmd.Flags().Float64SliceVar(&f.tiers, "tiers", []float64{cuts.Diamond, cuts.Gold}, "the tiers DIAMOND and GOLD end at these `shares` of cumulative value")
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
	}
	return insight.Options{Zone: f.zone, Thresholds: insight.Thresholds{
		Lifecycle: stat.Multiples{Core: f.lifecycle[0], Dozing: f.lifecycle[1], HalfAsleep: f.lifecycle[2]},
		Tiers:     stat.TierCuts{Diamond: f.tiers[0], Gold: f.tiers[1]}, Window: f.weeks,
	}}, nil
}
