package main

import (
	"fmt"
	"slices"
)

// emitFixed writes a kernel, if the machine has it.
func emitFixed(m fixed, k kernel) {
	switch {
	case k.op.name == preluGrad.name:
		emitSums(m, k)
	case k.op.masks:
		emitMask(m.(masker), k)
	case k.op.rows:
		emitRows(m, k)
	case k.op.plain != "":
		if m, ok := m.(streamer); ok && m.shorter() == "" {
			emitStream(m, k)
		}
	default:
		emit(m, k)
	}
}

// What the parts are worth was measured on Zen 5, old and new in turn:
//
//   - eight vectors an iteration against four: with AVX2 1.25 times as fast in the
//     first-level cache where one source meets few instructions, up to 1.6 for integers,
//     up to 1.15 with two sources, nothing with more arithmetic; with AVX-512 up to 1.24
//     for relu at 8 to 12 vectors and little for the rest; with SSE2 up to 1.4, for CPUs
//     older than 2013;
//   - four overlapping vectors for a slice of three or four: with AVX2, mostly 1.05 times
//     as slow as the loop of single ones, at best 1.13 times as fast. Left out;
//   - a tail by the bits of the length (4, 2 and 1 vectors) against a loop of single
//     ones: up to 8 % at seven left over, less or nothing elsewhere. Left out: it is
//     a third of a kernel;
//   - AVX-512's own short ways against AVX2's: nothing to 40 % slower. Left out;
//   - constants made again for each way: nothing. Left out;
//   - non-temporal stores, one vector an iteration against two: nothing at 128 MiB.
//     Left out.

// emit writes an elementwise kernel.
//
// A slice of a vector to two is done as two that overlap, both loaded before any is
// stored; a shorter one as two of a narrower width. A longer one goes through the
// loops. A machine of which another's kernel does short slices as fast leaves them
// to it, and one that few have, or nobody has measured, leaves them to pure Go.
func emit(m fixed, k kernel) {
	m.begin(k)
	w := m.widths()[0]
	switch m.shorter() {
	case "":
		if w > 16 { // short has constants of its own, of 16 bytes
			m.jump(less, w, "short")
			m.path(w)
		} else {
			m.path(w)
			m.jump(less, w, "short")
		}
		m.jump(above, 2*w, "long")
		emitOverlapping(m, k, w)
		m.label("long")
	case "Generic":
		m.jump(less, w, "short")
		m.path(w)
	default:
		m.path(w)
	}
	if k.cut() {
		m.jump(above, pieceBytes, "pieces")
	}
	emitLong(m, k)
	m.finish()
	if k.cut() {
		m.label("pieces")
		m.leave(k.pieces())
	}
	switch m.shorter() {
	case "":
		m.label("short")
		emitShort(m, k)
	case "Generic":
		m.label("short")
		m.leave(k.generic())
	}
}

// emitOverlapping does a whole slice as two vectors.
func emitOverlapping(m fixed, k kernel, w int) {
	m.way(w)
	end := place{fromEnd: true, off: -w}
	first := at(m, k, place{}).result()
	m.hold(first)
	last := at(m, k, end).result()
	m.store(first, place{})
	m.store(last, end)
	m.finish()
}

// emitShort does less than a vector.
func emitShort(m fixed, k kernel) {
	w, size := m.widths()[0], k.elem.size
	if w > 16 {
		m.path(16)
	}
	if 2*size < w && size >= 4 {
		m.jump(less, 2*size, below(2*size)) // a single element, which a loop in Go does as fast
	}
	for _, narrow := range m.widths()[1:] {
		if narrow >= max(8, 4*size) {
			m.jump(less, narrow, below(narrow))
			emitOverlapping(m, k, narrow)
			m.label(below(narrow))
			w = narrow
		}
	}
	if size < 4 {
		if k.cut() {
			m.leave(k.generic())
		} else {
			m.leaveEmpty()
		}
		return
	}
	// Up to three elements do not overlap: a load that finds some of its bytes in
	// one store and some in another waits for both.
	if 2*size < w { // there are two or three
		m.way(2 * size)
		m.store(at(m, k, place{}).result(), place{})
		m.label(below(2 * size))
	}
	m.way(size)
	m.jump(bitClear, size, below(size))
	end := place{fromEnd: true, off: -size}
	m.store(at(m, k, end).result(), end)
	m.label(below(size))
	m.finish()
}

// emitRows writes one of rowed.
func emitRows(m fixed, k kernel) {
	m.begin(k)
	m.path(m.widths()[0])
	m.label("row")
	m.startRow()
	emitLong(m, k)
	m.endRow("row")
	m.finish()
}

// emitLong does more than a vector, front to back. The last vector overlaps what
// went before it. It is computed first, before anything that it reads is
// overwritten.
func emitLong(m fixed, k kernel) {
	w, unroll := m.widths()[0], m.unroll()
	end := place{fromEnd: true, off: -w}
	last := at(m, k, end).result()
	m.hold(last)
	m.markEnd()
	forward := func(count int) {
		m.steps(count, func(i int) step { return at(m, k, place{off: i * w}) })
		m.advance(count * w)
	}
	if unroll == 1 {
		m.loop("loop")
		forward(1)
		m.subtract(w, atLeast, "loop")
		m.store(last, end)
		return
	}
	m.subtract(unroll*w, less, "rest")
	m.loop("loop")
	forward(unroll)
	m.subtract(unroll*w, atLeast, "loop")
	m.label("rest")
	// The last vector is done, and need not be done again: hence the 1.
	m.subtract(1-(unroll-1)*w, less, "done")
	m.label("single")
	forward(1)
	m.subtract(w, atLeast, "single")
	m.label("done")
	m.store(last, end)
}

// at is the step of the vector at a place.
func at(m fixed, k kernel, p place) step {
	return step{
		load: func() []vec { return loads(m, k, p) },
		compute: func(src []vec) vec {
			var scalars []vec
			for _, name := range k.scalars {
				scalars = append(scalars, m.scalar(name))
			}
			return k.body(m, src, scalars)
		},
		store: func(v vec) { m.store(v, p) },
	}
}

// loads loads a vector of each source.
func loads(m fixed, k kernel, p place) []vec {
	src := make([]vec, len(k.sources))
	for i := range src {
		src[i] = m.load(i, p)
	}
	return src
}

func below(bytes int) string { return fmt.Sprintf("below%d", bytes) }

// emitStream writes a kernel with non-temporal stores, for a dst apart from its
// sources: a first and a last vector at any address, and aligned ones between
// them.
func emitStream(m streamer, k kernel) {
	m.begin(k)
	w := m.widths()[0]
	m.jump(above, pieceBytes, "pieces")
	m.jump(less, w, "short")
	m.path(w)
	move := func(p place, store func(vec, place)) {
		store(at(m, k, p).result(), p)
	}
	move(place{}, m.store)
	end := place{fromEnd: true, off: -w}
	move(end, m.store)
	m.align()
	m.subtract(w, less, "done")
	m.loop("loop")
	move(place{}, m.storeNonTemporal)
	m.advance(w)
	m.subtract(w, atLeast, "loop")
	m.label("done")
	m.fence()
	m.finish()
	m.path(0) // these come from before it
	m.label("short")
	m.leave(k.plain + k.elem.name + m.name())
	m.label("pieces")
	m.leave(k.pieces())
}

// lanes is the number of columns that preluGrad sums.
const lanes = 16

// emitSums writes preluGrad: over rows that start stride elements apart, a sum
// for each of 16 columns.
func emitSums(m fixed, k kernel) {
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

// part is how many elements an iteration of a mask's loop is for: a word of 64; those
// whose bits one instruction gathers; with SSE2 eight vectors of them, which takes
// up to 1.3 times as long in the first-level cache and saves most of the code.
func (k kernel) part(isa string) int {
	switch {
	case slices.Contains([]string{"LSX", "VSX", "VX"}, isa):
		return 16
	case isa != "SSE2" || k.op.name == readLimit.name:
		return 64
	case k.op.name == "gradMask":
		return 32 // it loads as many bits
	}
	return min(64, 8*16/k.elem.size)
}

// emitMask writes one of masks.
func emitMask(m masker, k kernel) {
	m.begin(k)
	w := m.widths()[0]
	m.path(w)
	source := len(k.sources) - 1
	vector := func(i int) vec {
		x := m.load(source, place{off: i * w})
		marker, marks := m.(marker)
		if marks && k.op.name != "reluMask" {
			return marker.mark(x)
		}
		v := m.rectify(x)
		if k.op.name == "reluMask" {
			m.store(v, place{off: i * w})
		}
		if marks {
			return marker.mark(x)
		}
		return v
	}
	m.loop("loop")
	switch k.op.name {
	case "gradMask":
		m.loadWord(0)
		for i := range k.part(m.name()) * k.elem.size / w {
			m.store(m.keep(i, source), place{off: i * w})
		}
	case "active":
		m.countWord(vector)
	case readLimit.name:
		m.addWord()
	default:
		m.storeWord("mask", vector)
	}
	m.nextWord("loop")
	if k.op.name == "active" {
		m.addCount()
	}
	m.finish()
}
