//go:build (!amd64 && !arm64) || purego || msan || asan

package roofline

var (
	copies    map[string]func(dst, src *byte, n int)
	copiesOf2 map[string]func(dst, a, b *byte, n int)
)
