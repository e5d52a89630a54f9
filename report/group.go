package report

// groupBy returns the items of each key, and the keys in the order of their first item.
func groupBy[K comparable, V any](items []V, key func(V) K) (order []K, groups map[K][]V) {
	groups = map[K][]V{}
	for _, item := range items {
		k := key(item)
		if _, known := groups[k]; !known {
			order = append(order, k)
		}
		groups[k] = append(groups[k], item)
	}
	return order, groups
}
