//go:build !unix

package measure

import "time"

// This system does not tell.

func processTime() (total time.Duration, ok bool) { return 0, false }

func stolenTicks() uint64 { return 0 }
