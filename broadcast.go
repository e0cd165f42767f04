package relu

// How one slope per channel, and one bias per row, meet all elements.

// patternLen is the number of elements that a short, repeated row is expanded
// to, so that kernels see long rows. It is small enough to live on the stack.
const patternLen = 512

// streamRow is the least length of a row with non-temporal stores, which are
// fenced at its end.
const streamRow = 2048

// manyRows is from how many rows, or runs, expanding pays.
const manyRows = 10

// The lengths of rows that the kernels by rows are for, and how much of them a
// call does, after which its goroutine can be preempted.
const (
	leastRow  = 32
	mostRow   = rowsPiece / 2
	rowsPiece = 8192
)

// streams tells whether dst is written by non-temporal stores, being long and
// apart from src.
func streams[T any](dst, src []T) bool {
	return nonTemporal(byteLen(dst)) && !identical(dst, src)
}

// addBias adds bias to every row and rectifies.
func addBias[T Float](dst, src, bias []T) {
	switch stream := streams(dst, src) && !identical(dst, bias); {
	case stream && len(bias) < streamRow:
		repeatLong(dst, src, bias, false)
	case !stream && len(bias) < leastRow && len(src) > manyRows*len(bias):
		addShortBias(dst, src, bias)
	default:
		byRows(dst, src, bias, false, stream)
	}
}

// addShortBias is addBias behind a bias that has been repeated.
func addShortBias[T Float](dst, src, bias []T) {
	var pattern [patternLen]T
	n := copy(pattern[:], bias)
	byRows(dst, src, repeat(pattern[:], n, len(src)), false, false)
}

// repeatLong is byRows with non-temporal stores, behind a row that has been
// repeated.
func repeatLong[T Float](dst, src, row []T, slopes bool) {
	var pattern [2 * streamRow]T
	n := copy(pattern[:], row)
	byRows(dst, src, repeat(pattern[:], n, len(pattern)), slopes, true)
}

// byRows does all elements, each row of which meets the same row of slopes or
// biases. The last may be short.
func byRows[T Float](dst, src, row []T, slopes, stream bool) {
	byWhole := leastRow <= len(row) && len(row) <= mostRow && !stream
	for len(src) > 0 {
		n := min(len(src), len(row))
		switch {
		case byWhole && len(src) >= 2*len(row):
			rows := min(len(src), rowsPiece) / len(row)
			n = rows * len(row)
			if slopes {
				runPreluRows(dst, src, row, len(row), rows)
			} else {
				runAddRows(dst, src, row, len(row), rows)
			}
		case slopes && stream:
			runStreamPrelu(dst[:n], src[:n], row[:n])
		case slopes:
			runPrelu(dst[:n], src[:n], row[:n])
		case stream:
			runStreamAdd(dst[:n], src[:n], row[:n])
		default:
			runAdd(dst[:n], src[:n], row[:n])
		}
		dst, src = dst[n:], src[n:]
	}
}

// repeat fills pattern with copies of its first period elements, as many as
// are whole and as n elements need, and returns the copies.
func repeat[T any](pattern []T, period, n int) []T {
	end := len(pattern) / period * period
	if n < end {
		end = n
	}
	for filled := period; filled < end; filled *= 2 {
		copy(pattern[filled:end], pattern[:filled])
	}
	return pattern[:end]
}

// leaky chooses the kernel for a slope.
func leaky[T Float](dst, src []T, slope T) {
	if 0 < slope && slope <= 1 {
		runLeakyMax(dst, src, slope)
	} else {
		runLeaky(dst, src, slope)
	}
}

// leakyStream is leaky with non-temporal stores.
func leakyStream[T Float](dst, src []T, slope T) {
	if 0 < slope && slope <= 1 {
		runStreamLeakyMax(dst, src, slope)
	} else {
		runStreamLeaky(dst, src, slope)
	}
}

// prelu chooses between runs of one slope and rows of many slopes.
func prelu[T Float](dst, src, slopes []T, inner int) {
	stream := streams(dst, src)
	switch {
	case len(slopes) == 1 || inner >= len(src):
		leaky(dst, src, slopes[0])
	case inner == 1 && stream && len(slopes) < streamRow:
		repeatLong(dst, src, slopes, true)
	case inner == 1 && (stream || len(slopes) >= leastRow || len(src) <= manyRows*len(slopes)):
		byRows(dst, src, slopes, true, stream)
	case inner <= patternLen/2/len(slopes) && len(src) > manyRows*inner:
		preluShort(dst, src, slopes, inner, stream)
	default:
		stream = stream && inner >= streamRow
		for c := 0; len(src) > 0; c++ {
			if c == len(slopes) {
				c = 0
			}
			n := min(inner, len(src))
			if stream {
				leakyStream(dst[:n], src[:n], slopes[c])
			} else {
				leaky(dst[:n], src[:n], slopes[c])
			}
			dst, src = dst[n:], src[n:]
		}
	}
}

// preluShort is prelu for channels of which several rounds fit a pattern.
func preluShort[T Float](dst, src, slopes []T, inner int, stream bool) {
	var pattern [patternLen]T
	n := 0
	for _, s := range slopes {
		for range inner {
			pattern[n] = s
			n++
		}
	}
	if stream {
		repeatLong(dst, src, pattern[:n], true)
	} else {
		byRows(dst, src, repeat(pattern[:], n, len(src)), true, false)
	}
}

// lanes is the number of sums that the elements of a run are dealt to.
const lanes = 16

// sumPiece is how many elements a kernel sums at most before its goroutine can
// be preempted. It is a multiple of lanes.
const sumPiece = 8192

// preluGrad chooses between channels of runs and rows of channels.
func preluGrad[T Float](dst, dslopes, grad, x, slopes []T, inner int) {
	if inner == 1 && len(slopes) > 1 {
		preluGradRows(dst, dslopes, grad, x, slopes)
		return
	}
	// No run and no period need be longer than x; bounded, they cannot overflow.
	period := max(1, len(x))
	inner = min(inner, period)
	if len(slopes) == 1 {
		inner = period
	} else if len(slopes) <= period/inner {
		period = inner * len(slopes)
	}
	start := 0
	for c, slope := range slopes {
		preluGradChannel(dst[start:], &dslopes[c], grad[start:], x[start:], slope, inner, period)
		start = min(start+inner, len(x))
	}
}

// preluGradChannel does the runs of one channel, which start period elements
// apart.
func preluGradChannel[T Float](dst []T, dslope *T, grad, x []T, slope T, inner, period int) {
	var sums [lanes]float64
	var slopes [lanes]T
	for k := range slopes {
		slopes[k] = slope
	}
	for start := 0; start < len(x); start += period {
		end := min(start+inner, len(x))
		for i := start; i < end; i += sumPiece {
			j := min(i+sumPiece, end)
			preluGradRun(dst[i:j], &sums, grad[i:j], x[i:j], slopes[:])
		}
	}
	*dslope = T(total(&sums))
}

// total adds the sums in halves.
func total(s *[lanes]float64) float64 {
	for k := range lanes / 2 {
		s[k] += s[k+lanes/2]
	}
	for k := range lanes / 4 {
		s[k] += s[k+lanes/4]
	}
	return (s[0] + s[2]) + (s[1] + s[3])
}

// preluGradRun does a run, or a piece that starts at a multiple of lanes.
func preluGradRun[T Float](dst []T, sums *[lanes]float64, grad, x, slopes []T) {
	whole := len(x) / lanes * lanes
	if whole > 0 {
		runPreluGrad(dst, sums[:], grad, x, slopes, whole/lanes, lanes)
	}
	if whole < len(x) {
		preluGradPart(&dst[whole], sums[:len(x)-whole], &grad[whole], &x[whole], &slopes[0])
	}
}

// preluGradRows does rows of channels, inner 1, where position p of every run
// is 0: each channel has one sum. It goes through blocks of channels, because
// their float64 sums must find room on the stack, and through a block by rows,
// a cache's worth at a time.
func preluGradRows[T Float](dst, dslopes, grad, x, slopes []T) {
	channels := len(slopes)
	for first := 0; first < channels; first += patternLen {
		width := min(patternLen, channels-first)
		var sums [patternLen]float64
		rows := max(1, min(sumPiece/width, len(x)/channels))
		for start := first; start < len(x); start += rows * channels {
			end := min(start+rows*channels, len(x))
			preluGradBlock(dst[start:end], sums[:width], grad[start:end], x[start:end], slopes[first:first+width], channels)
		}
		for c := range width {
			dslopes[first+c] = T(sums[c])
		}
	}
}

// preluGradBlock does as many columns as there are sums, in rows that start
// stride elements apart. The last row may be short.
func preluGradBlock[T Float](dst []T, sums []float64, grad, x, slopes []T, stride int) {
	for c := 0; c < min(len(sums), len(x)); c += lanes {
		width := min(lanes, len(sums)-c)
		row := c
		if width == lanes && len(x)-c >= lanes {
			rows := (len(x)-c-lanes)/stride + 1
			runPreluGrad(dst[c:], sums[c:c+lanes], grad[c:], x[c:], slopes[c:], rows, stride)
			row += rows * stride
		}
		for ; row < len(x); row += stride {
			n := min(width, len(x)-row)
			preluGradPart(&dst[row], sums[c:c+n], &grad[row], &x[row], &slopes[c])
		}
	}
}
