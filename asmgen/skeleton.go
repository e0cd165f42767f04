package main

import "fmt"

// unroll is the number of vectors in an iteration of the main loop.
const unroll = 8

// emit writes an elementwise kernel.
//
// A slice of up to four vectors is one, or two or four that overlap, half of
// them from either end, loaded before any is stored; for less than a vector they
// are two of a narrower width. A slice of less than 8 bytes does not come here.
//
// A longer slice is done front to back, by eight vectors in the main loop and
// then by 4, 2 and 1 as the bits of the length say, so that rows of one length
// are predicted well. The last vector overlaps what went before it. It is
// computed first, before anything that it reads is overwritten.
func emit(m machine, k kernel) {
	// overlapping does a whole slice as count vectors.
	overlapping := func(w, count int) {
		m.path(w)
		var results []vec
		var places []place
		for i := range (count + 1) / 2 {
			places = append(places, place{off: i * w}, place{fromEnd: true, off: -(i + 1) * w})
		}
		places = places[:count]
		for _, p := range places {
			v := at(m, k, p).result()
			m.hold(v)
			results = append(results, v)
		}
		for i, p := range places {
			m.store(results[i], p)
		}
		m.finish()
	}
	widths := m.widths()
	w := widths[0]

	m.begin(k)
	m.jump(above, 4*w, "long")
	m.jump(above, 2*w, "four")
	m.jump(above, w, "two")
	m.jump(less, w, short(1))
	overlapping(w, 1)
	for i := 1; i < len(widths); i++ {
		m.label(short(i))
		if i+1 < len(widths) {
			m.jump(less, widths[i], short(i+1))
		}
		overlapping(widths[i], 2)
	}
	m.label("two")
	overlapping(w, 2)
	m.label("four")
	overlapping(w, 4)

	m.label("long")
	m.path(w)
	emitLong(m, k)
	m.finish()
}

// emitRows writes one of rowed.
func emitRows(m machine, k kernel) {
	m.begin(k)
	m.path(m.widths()[0])
	m.label("row")
	m.startRow()
	emitLong(m, k)
	m.endRow("row")
	m.finish()
}

// emitLong does a vector or more.
func emitLong(m machine, k kernel) {
	w := m.widths()[0]
	end := place{fromEnd: true, off: -w}
	last := at(m, k, end).result()
	m.hold(last)
	m.markEnd()
	forward := func(count int) {
		m.steps(count, func(i int) step { return at(m, k, place{off: i * w}) })
		if count > 1 {
			m.advance(count * w)
		}
	}
	// The last vector is done, and must not count as a whole one: hence the 1.
	// The multiples of the loop's bytes do not show in the bits that rest looks at.
	m.subtract(unroll*w+1, less, "rest")
	m.loop("loop")
	forward(unroll)
	m.subtract(unroll*w, atLeast, "loop")
	m.label("rest")
	for count := unroll / 2; count > 0; count /= 2 {
		skip := fmt.Sprintf("below%d", count)
		m.jump(bitClear, count*w, skip)
		forward(count)
		m.label(skip)
	}
	m.store(last, end)
}

// at is the step of the vector at a place.
func at(m machine, k kernel, p place) step {
	return step{
		load: func() []vec { return loads(m, k, p) },
		compute: func(src []vec) vec {
			var s vec
			if k.op.scalar != "" {
				s = m.scalar()
			}
			return k.body(m, src, s)
		},
		store: func(v vec) { m.store(v, p) },
	}
}

// loads loads a vector of each source.
func loads(m machine, k kernel, p place) []vec {
	src := make([]vec, len(k.sources))
	for i := range src {
		src[i] = m.load(i, p)
	}
	return src
}

func short(i int) string { return fmt.Sprintf("short%d", i) }

// emitStream writes a streaming kernel: a first and a last vector at any address, and
// between them aligned ones.
func emitStream(m interface {
	machine
	pastCaches
}, k kernel) {
	w := m.widths()[0]
	m.begin(k)
	m.path(w)
	move := func(p place, store func(vec, place)) {
		store(k.body(m, loads(m, k, p), nil), p)
	}
	m.markEnd()
	move(place{fromEnd: true, off: -w}, m.store)
	move(place{}, m.store)
	m.align()
	m.subtract(unroll*w, less, "rest")
	m.loop("loop")
	for i := range unroll {
		move(place{off: i * w}, m.storePast)
	}
	m.advance(unroll * w)
	m.subtract(unroll*w, atLeast, "loop")
	m.label("rest")
	for count := unroll / 2; count > 0; count /= 2 {
		skip := fmt.Sprintf("below%d", count)
		m.jump(bitClear, count*w, skip)
		for i := range count {
			move(place{off: i * w}, m.storePast)
		}
		m.advance(count * w)
		m.label(skip)
	}
	m.fence()
	m.finish()
}

// lanes is the number of columns that preluGrad sums.
const lanes = 16

// emitSums writes preluGrad: over rows that start stride elements apart, a sum
// for each of 16 columns.
func emitSums(m machine, k kernel) {
	m.begin(k)
	width := m.widths()[0]
	m.path(width)
	m.prepare()
	var sums []vec
	for i := 0; i < lanes; i += width / 8 {
		v := m.loadSums(i)
		m.hold(v)
		sums = append(sums, v)
	}
	m.loop("loop")
	each := 8 / k.elem.size // vectors of sums for one of elements
	for i := 0; i < len(sums); i += each {
		at := place{off: i / each * width}
		scaled, terms := m.scaleWithTerms(m.load(0, at), m.load(1, at), m.load(2, at))
		m.addTerms(sums[i:i+each], terms)
		m.store(scaled, at)
	}
	m.nextRow("loop")
	for i, v := range sums {
		m.storeSums(v, i*width/8)
	}
	m.finish()
}
