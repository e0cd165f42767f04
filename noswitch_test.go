//go:build ((!amd64 || amd64.v3) && !arm64) || purego || msan || asan

package relu

const switches = false

func use(k kernel) { active = k }

func hasKernel(kernel, int) bool { return true }
