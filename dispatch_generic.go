//go:build (!amd64 && !arm64) || purego || msan || asan

package relu

func detect() []kernel { return []kernel{generic} }

func selected() kernel { return generic }
