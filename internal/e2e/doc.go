// Package e2e tests Lacuna as a whole: over HTTP, and through the built program.
package e2e
