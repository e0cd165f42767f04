package relu

// gatePiece is how many elements of all slices the first-level cache holds.
const gatePiece = 1024

// gateGrad is [GateGrad], a piece after the other: two kernels read the same
// slices.
func gateGrad[T Float](da, db, grad, a, b []T) {
	stream := streams(da, grad) && !identical(da, a) && !identical(da, b) &&
		!identical(db, grad) && !identical(db, a) && !identical(db, b)
	for len(a) > 0 {
		n := min(len(a), gatePiece)
		gateGradPiece(da[:n], db[:n], grad[:n], a[:n], b[:n], stream)
		da, db, grad, a, b = da[n:], db[n:], grad[n:], a[n:], b[n:]
	}
}

// gateGradPiece does what a kernel reads before it is overwritten. Its own call
// is where the goroutine can be preempted.
//
//go:noinline
func gateGradPiece[T Float](da, db, grad, a, b []T, stream bool) {
	switch {
	case stream:
		runStreamGateGrad(da, grad, b, a)
		runStreamGateGrad(db, grad, a, a)
	case !identical(da, grad) && !identical(da, a):
		runGateGrad(da, grad, b, a)
		runGateGrad(db, grad, a, a)
	case !identical(db, grad) && !identical(db, a) && !identical(db, b):
		runGateGrad(db, grad, a, a)
		runGateGrad(da, grad, b, a)
	default:
		var result [gatePiece]T
		runGateGrad(result[:len(a)], grad, b, a)
		runGateGrad(db, grad, a, a)
		copy(da, result[:])
	}
}
