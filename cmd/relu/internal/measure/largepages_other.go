//go:build !linux

package measure

// useLargePages has nothing to ask for here.
func useLargePages([]uint64) {}
