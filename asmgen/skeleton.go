package main

import "fmt"

// unroll is the number of vectors in an iteration of a main loop.
const unroll = 8

// emit writes an elementwise kernel.
//
// A slice of up to four vectors is done as two or four that overlap, half of
// them from either end, loaded before any is stored: two of 8 bytes, of 16 and
// so on up to the machine's width, and then four. A longer one goes through the
// main loop. A machine of which another's kernel does short slices as fast
// leaves them to it.
func emit(m machine, k kernel) {
	w := m.widths()[0]
	m.begin(k)
	if isa := m.shorter(); isa != "" {
		m.jump(above, 2*w, "long")
		m.leave(k.name() + isa)
	} else {
		emitShort(m, k)
	}
	m.label("long")
	if k.cut() {
		m.jump(above, pieceBytes, "pieces")
	}
	m.path(w)
	emitLong(m, k)
	m.finish()
	if k.cut() {
		m.label("pieces")
		m.leave(k.pieces())
	}
}

// emitShort does up to four vectors, and jumps to long for more.
func emitShort(m machine, k kernel) {
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
	// The fewest comparisons go to the shortest slices, whose time they are.
	w := m.widths()[0]
	least := w // of overlapping vectors, in bytes
	m.jump(less, w, "short")
	m.jump(above, w, "more")
	overlapping(w, 1)
	m.label("short")
	for _, narrow := range m.widths()[1:] {
		if narrow < max(8, 4*k.elem.size) {
			break
		}
		m.jump(less, narrow, below(narrow))
		overlapping(narrow, 2)
		m.label(below(narrow))
		least = narrow
	}
	if k.elem.size < 4 {
		if k.cut() {
			m.leave(k.generic())
		} else {
			m.leaveEmpty()
		}
	} else {
		// Up to three elements do not overlap: a load that finds some of its bytes
		// in one store and some in another waits for both.
		for size := 2 * k.elem.size; size >= k.elem.size; size /= 2 {
			if size == least {
				continue
			}
			m.path(size)
			m.jump(bitClear, size, without(size))
			p := place{}
			if size == k.elem.size {
				p = place{fromEnd: true, off: -size}
			}
			m.store(at(m, k, p).result(), p)
			m.label(without(size))
		}
		m.finish()
	}
	m.label("more")
	m.jump(above, 2*w, "four")
	overlapping(w, 2)
	m.label("four")
	m.jump(above, 4*w, "long")
	overlapping(w, 4)
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

// emitLong does a vector or more, front to back. The last vector overlaps what
// went before it. It is computed first, before anything that it reads is
// overwritten.
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
		m.jump(bitClear, count*w, without(count*w))
		forward(count)
		m.label(without(count * w))
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

func below(bytes int) string   { return fmt.Sprintf("below%d", bytes) }
func without(bytes int) string { return fmt.Sprintf("without%d", bytes) }

// emitStream writes a kernel with non-temporal stores, for a dst apart from its
// sources: a first and a last vector at any address, and aligned ones between
// them.
func emitStream(m streamer, k kernel) {
	w := m.widths()[0]
	m.begin(k)
	m.jump(above, pieceBytes, "pieces")
	m.jump(less, w, "short")
	m.path(w)
	move := func(p place, store func(vec, place)) {
		store(at(m, k, p).result(), p)
	}
	move(place{}, m.store)
	m.markEnd()
	move(place{fromEnd: true, off: -w}, m.store)
	m.align()
	m.subtract(unroll*w, less, "rest")
	m.loop("loop")
	for i := range unroll {
		move(place{off: i * w}, m.storeNonTemporal)
	}
	m.advance(unroll * w)
	m.subtract(unroll*w, atLeast, "loop")
	m.label("rest")
	m.subtract(-(unroll-1)*w, less, "done")
	m.label("single")
	move(place{}, m.storeNonTemporal)
	m.advance(w)
	m.subtract(w, atLeast, "single")
	m.label("done")
	m.fence()
	m.finish()
	m.label("short")
	m.leave(k.plain + k.elem.name + m.name())
	m.label("pieces")
	m.leave(k.pieces())
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
