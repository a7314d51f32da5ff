package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"lacuna/internal/synth/planted"
)

func newGenerate() *cobra.Command {
	var o planted.Options
	cmd := &cobra.Command{
		Use:   "generate DIR",
		Short: "Make data with gaps, growth and traps of which the truth is known",
		Long: "Generate writes customers, products, categories, segments and two years of interactions into a folder, as files that\n" +
			"lacuna load reads, and beside them truth.json: what is planted, and for every segment and category what the model that\n" +
			"the data is drawn from expects. The same options give the same files.\n\n" +
			"Plants: " + strings.Join(planted.Plants(), ", ") + ".\n" +
			"Confounders, which look like a plant and are none: " + strings.Join(planted.Confounders(), ", ") + ".",
		Example: `  lacuna generate planted/ --seed 7
  lacuna generate planted/ --plant none --confounders bots,whale
  lacuna generate filled/ --seed 7 --fill
  lacuna evaluate planted/`,
		Args: cobra.MatchAll(oneFolder),
		RunE: func(cmd *cobra.Command, args []string) error {
			counts, err := planted.Write(args[0], o)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d customers, %d categories, %d products, %d segments, %d interactions, %d plants\n",
				args[0], counts.Customers, counts.Categories, counts.Products, counts.Segments, counts.Interactions, counts.Plants)
			return err
		},
	}
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "make another world from this `number`")
	cmd.Flags().IntVar(&o.Customers, "customers", 20_000, "how many `customers`")
	cmd.Flags().IntVar(&o.Weeks, "weeks", 104, "how many `weeks` of history")
	cmd.Flags().StringSliceVar(&o.Plant, "plant", []string{"all"}, "what is planted: `kinds`, all or none")
	cmd.Flags().StringSliceVar(&o.Confounders, "confounders", []string{"all"}, "what looks like a plant and is none: `kinds`, all or none")
	cmd.Flags().BoolVar(&o.Fill, "fill", false, "make the same world with the products that price-band, attribute and absence plants take out")
	return cmd
}

// oneFolder asks for exactly one folder.
func oneFolder(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError("give one folder, such as planted/")
	}
	return nil
}
