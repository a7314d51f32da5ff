// Package archtest holds tests about the source itself: which package may import which, and how long files and
// functions may grow. They read the files and compile nothing, for all build tags at once.
package archtest
