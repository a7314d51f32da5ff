package bulk

// Check tells whether [Load] would find files to read under paths, and refuses what it would refuse before it looks at any
// row's content. It needs no store.
func Check(paths []string, o Options) error {
	o = o.withDefaults()
	_, err := makePlan(paths, o.Layout, o.Map)
	return err
}
