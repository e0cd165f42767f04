package activity

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestFloats holds the counts against plain comparisons, with every kind of
// value, in parts of every length and channels of every kind.
func TestFloats(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	special := []float32{0, float32(math.Copysign(0, -1)), 1, -1, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, math.MaxFloat32, -math.MaxFloat32,
		float32(math.Inf(1)), float32(math.Inf(-1)), math.Float32frombits(0x7f800001), math.Float32frombits(0xff800001), math.Float32frombits(0xffffffff)}
	for range 300 {
		channels, inner := 1+rng.Int64N(7), 1+rng.Int64N(9)
		x := make([]float32, 1+rng.IntN(300))
		for i := range x {
			x[i] = special[rng.IntN(len(special))]
			if rng.IntN(2) == 0 {
				x[i] = float32(rng.NormFloat64())
			}
		}
		counts, err := New("float32", channels)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(x); {
			n := min(1+rng.IntN(50), len(x)-at)
			part, _ := binary.Append(nil, binary.NativeEndian, x[at:at+n])
			counts.Add(part, 4, int64(at), inner)
			at += n
		}
		want := make([]Channel, channels)
		least, most := make([]float64, channels), make([]float64, channels)
		for c := range want {
			least[c], most[c] = math.Inf(1), math.Inf(-1)
		}
		for i, v := range x {
			n := int64(i) / inner % channels
			c := &want[n]
			switch {
			case v > 0:
				c.Active++
			case v == 0:
				c.Zero++
			case v < 0:
				c.Negative++
			default:
				c.NaN++
				continue
			}
			if math.IsInf(float64(v), 0) {
				c.Inf++
			}
			least[n], most[n] = min(least[n], float64(v)), max(most[n], float64(v))
		}
		for n := range want {
			got := counts.Channels[n]
			from, to := counts.Range(&got)
			got.min, got.max = 0, 0
			if got != want[n] {
				t.Fatalf("channel %d: %+v, want %+v", n, got, want[n])
			}
			if want[n].Elements() == want[n].NaN {
				if from != "" || to != "" {
					t.Fatalf("channel %d has no numbers, and is from %q to %q", n, from, to)
				}
				continue
			}
			f, _ := strconv.ParseFloat(from, 32)
			g, _ := strconv.ParseFloat(to, 32)
			if f != least[n] || g != most[n] {
				t.Fatalf("channel %d: from %q to %q, want %v, %v", n, from, to, least[n], most[n])
			}
		}
	}
}

// TestIntegers counts the ends of every type.
func TestIntegers(t *testing.T) {
	for typ, c := range map[string]struct {
		x           any
		least, most string
	}{
		"int8":   {[]int8{math.MinInt8, 0, 1, math.MaxInt8}, "-128", "127"},
		"int16":  {[]int16{math.MinInt16, 0, 1, math.MaxInt16}, "-32768", "32767"},
		"int32":  {[]int32{math.MinInt32, 0, 1, math.MaxInt32}, "-2147483648", "2147483647"},
		"int64":  {[]int64{math.MinInt64, 0, 1, math.MaxInt64}, "-9223372036854775808", "9223372036854775807"},
		"uint8":  {[]uint8{0, 0, 1, math.MaxUint8}, "0", "255"},
		"uint16": {[]uint16{0, 0, 1, math.MaxUint16}, "0", "65535"},
		"uint32": {[]uint32{0, 0, 1, math.MaxUint32}, "0", "4294967295"},
	} {
		part, err := binary.Append(nil, binary.NativeEndian, c.x)
		if err != nil {
			t.Fatal(err)
		}
		counts, err := New(typ, 1)
		if err != nil {
			t.Fatal(err)
		}
		counts.Add(part, int64(len(part)/4), 0, 1)
		got := counts.Channels[0]
		negative := int64(1)
		if typ[0] == 'u' {
			negative = 0
		}
		if got.Active != 2 || got.Negative != negative || got.Zero != 2-negative || got.NaN != 0 || got.Inf != 0 {
			t.Errorf("%s: %+v", typ, got)
		}
		if least, most := counts.Range(&got); least != c.least || most != c.most {
			t.Errorf("%s: from %s to %s", typ, least, most)
		}
	}
}

func TestState(t *testing.T) {
	for want, channels := range map[State][]Channel{
		Dead:   {{Zero: 5}, {NaN: 5}, {Negative: 1, NaN: 1}},
		Nearly: {{Active: 1, Zero: 1000}},
		Always: {{Active: 7}},
		Normal: {{Active: 1, Zero: 999}, {Active: 999, Zero: 1}, {Active: 1, NaN: 1}},
	} {
		for _, c := range channels {
			if got := c.State(0.001); got != want {
				t.Errorf("%+v is %q, want %q", c, got, want)
			}
		}
	}
}

func TestNew(t *testing.T) {
	if _, err := New("void16", 1); err == nil {
		t.Error("untyped bytes are counted")
	}
	if _, err := New("int8", maxChannels+1); err == nil {
		t.Error("too many channels are counted")
	}
}

func BenchmarkAdd(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	part := make([]byte, 256<<10)
	for i := 0; i < len(part); i += 4 {
		binary.NativeEndian.PutUint32(part[i:], math.Float32bits(float32(rng.NormFloat64())))
	}
	for name, inner := range map[string]int64{"inner=1": 1, "inner=196": 196} {
		b.Run(name, func(b *testing.B) {
			counts, err := New("float32", 64)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(part)))
			for b.Loop() {
				counts.Add(part, 4, 0, inner)
			}
		})
	}
}
