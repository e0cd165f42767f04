//go:build !race

package relu

func raceRead[T any]([]T)  {}
func raceWrite[T any]([]T) {}
