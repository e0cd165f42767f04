//go:build !race

package relu

const raceEnabled = false

func raceRead[T any]([]T)  {}
func raceWrite[T any]([]T) {}
