// Package index finds items by their keys.
package index

// By returns the items by their keys. Of several with one key it has the first.
func By[K comparable, V any](items []V, key func(V) K) map[K]V {
	m := make(map[K]V, len(items))
	for _, item := range items {
		if _, twice := m[key(item)]; !twice {
			m[key(item)] = item
		}
	}
	return m
}

// Keys returns the keys of the items.
func Keys[K comparable, V any](items []V, key func(V) K) map[K]bool {
	m := make(map[K]bool, len(items))
	for _, item := range items {
		m[key(item)] = true
	}
	return m
}

// Groups returns the items of each key, and the keys in the order of their first item.
func Groups[K comparable, V any](items []V, key func(V) K) (order []K, groups map[K][]V) {
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
