package main

import (
	"bytes"

	"github.com/seed88f7e06c/relu/cmd/relu/internal/npy"
)

// countZeros counts the elements of that size that are +0.
func countZeros(part []byte, size int64) int64 {
	switch size {
	case 1:
		return int64(bytes.Count(part, []byte{0}))
	case 2:
		return zerosIn(npy.Elements[uint16](part))
	case 4:
		return zerosIn(npy.Elements[uint32](part))
	default:
		return zerosIn(npy.Elements[uint64](part))
	}
}

func zerosIn[T uint16 | uint32 | uint64](x []T) (n int64) {
	for _, v := range x {
		if v == 0 {
			n++
		}
	}
	return n
}
