//go:build !purego && !msan && !asan

package roofline

var copies = map[string]func(dst, src *byte, n int){"neon": copyNEON}

var copiesOf2 = map[string]func(dst, a, b *byte, n int){"neon": copyOf2NEON}
