// Package stat is the statistics behind the engine's figures: pure functions of numbers, each with its formula and source.
package stat
