package graph

// ProfileQuery asks for a customer, and for the customer's newest interactions.
type ProfileQuery struct {
	Customer CustomerRef
	Newest   int  // how many interactions, 0 to [MaxPage]
	Count    bool // also how many interactions there are
	Catalog  bool // also the products that the interactions name, and the categories
}

// Profile answers a [ProfileQuery].
type Profile struct {
	Customer *Customer // nil for nobody
	Newest   InteractionPage
	Count    int64 // 0 unless it was asked for
}

// Profiles answers queries in their order.
type Profiles struct {
	List     []Profile
	Products map[string]*Product // by id; nil unless somebody asked for the catalog
	Tree     *CategoryTree       // nil unless somebody asked for the catalog
}

// CheckProfiles refuses queries beyond the limits of one call.
func CheckProfiles(queries []ProfileQuery) error {
	return checkSizes("profiles", queries, func(q *ProfileQuery) int { return q.Newest })
}

// CheckPages refuses queries of interactions beyond the limits of one call.
func CheckPages(queries []InteractionQuery) error {
	return checkSizes("queries", queries, func(q *InteractionQuery) int { return q.First })
}

// checkSizes refuses too many queries, and those that ask for too many interactions.
func checkSizes[Q any](what string, queries []Q, size func(*Q) int) error {
	if err := CheckCount(what, len(queries), MaxKeys); err != nil {
		return err
	}
	for i := range queries {
		if err := CheckCount("interactions", size(&queries[i]), MaxPage); err != nil {
			return err
		}
	}
	return nil
}

// NamedProducts gives the ids of the products that the interactions of profiles name, each once, for those who asked for the catalog, and whether
// anybody did.
func NamedProducts(queries []ProfileQuery, found []Profile) (ids map[string]bool, asked bool) {
	ids = map[string]bool{}
	for n := range queries {
		if !queries[n].Catalog {
			continue
		}
		asked = true
		for i := range found[n].Newest.Interactions {
			if id := found[n].Newest.Interactions[i].Product; id != "" {
				ids[id] = true
			}
		}
	}
	return ids, asked
}
