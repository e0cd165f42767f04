package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"

	"codeberg.org/sbinet/npyio/npy"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/google/uuid"

	"github.com/seed88f7e06c/relu"
)

// A shard is an .npy file of format 1.0 with a matrix of little-endian float32:
// a row for each image, a column for each channel.

// damage is what is wrong with a shard. To try again would not help.
type damage struct{ reason string }

func (d damage) Error() string { return d.reason }

func damaged(format string, args ...any) error { return damage{fmt.Sprintf(format, args...)} }

// header is the start of a shard.
type header struct {
	raw            []byte // all of it, up to the first element
	rows, channels int
}

// readHeader reads up to the first element of a file of that size, and no
// further.
func readHeader(r io.Reader, size int64) (h header, err error) {
	start := make([]byte, 10)
	if _, err := io.ReadFull(r, start); isEOF(err) {
		return header{}, damaged("is no .npy file: it has %d bytes", size)
	} else if err != nil {
		return header{}, err
	}
	if string(start[:6]) != string(npy.Magic[:]) {
		return header{}, damaged("is no .npy file: it begins with %q", start[:6])
	}
	if start[6] != 1 || start[7] != 0 {
		return header{}, damaged("has .npy version %d.%d, not 1.0", start[6], start[7])
	}
	dict := make([]byte, binary.LittleEndian.Uint16(start[8:]))
	if _, err := io.ReadFull(r, dict); isEOF(err) {
		return header{}, damaged("ends in its header")
	} else if err != nil {
		return header{}, err
	}
	h.raw = append(start, dict...)

	// npyio panics on some damaged headers.
	defer func() {
		if recover() != nil {
			err = damaged("has a damaged header")
		}
	}()
	parsed, err := npy.NewReader(bytes.NewReader(h.raw))
	if err != nil {
		return header{}, damaged("has a damaged header: %v", err)
	}
	descr := parsed.Header.Descr
	switch {
	case descr.Type != "'<f4'":
		return header{}, damaged("has elements of type %s, not '<f4'", descr.Type)
	case descr.Fortran:
		return header{}, damaged("is stored by columns")
	case len(descr.Shape) != 2 || descr.Shape[0] < 0 || descr.Shape[1] < 1:
		return header{}, damaged("has shape %v, not rows and channels", descr.Shape)
	}
	h.rows, h.channels = descr.Shape[0], descr.Shape[1]
	high, count := bits.Mul64(uint64(h.rows), uint64(h.channels))
	if high != 0 || count > math.MaxInt64/8 {
		return header{}, damaged("has shape %v, more than a file can hold", descr.Shape)
	}
	if want := int64(len(h.raw)) + 4*int64(count); want != size {
		return header{}, damaged("has %d bytes where its shape %v needs %d", size, descr.Shape, want)
	}
	return h, nil
}

func isEOF(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }

// batchBytes is about how much of a shard is in memory at once.
const batchBytes = 1 << 18

// rectifyShard copies a shard of that size from r to w, rectified, and counts
// what is active in it.
func rectifyShard(w io.Writer, r io.Reader, size int64) (Census, error) {
	h, err := readHeader(r, size)
	if err != nil {
		return Census{}, err
	}
	if _, err := w.Write(h.raw); err != nil {
		return Census{}, err
	}
	census := Census{Shards: 1, Rows: int64(h.rows), Active: make([]int64, h.channels)}
	batch := max(1, batchBytes/(4*h.channels)) // in rows
	x := make([]float32, min(batch, h.rows)*h.channels)
	content := make([]byte, 4*len(x))
	for row := 0; row < h.rows; row += batch {
		n := min(batch, h.rows-row) * h.channels
		if _, err := io.ReadFull(r, content[:4*n]); isEOF(err) {
			return Census{}, damaged("ends in one of the rows %d to %d of %d", row, row+n/h.channels, h.rows)
		} else if err != nil {
			return Census{}, err
		}
		if _, err := binary.Decode(content[:4*n], binary.LittleEndian, x[:n]); err != nil {
			return Census{}, err
		}
		relu.InPlace(x[:n])
		for i := 0; i < n; i += h.channels {
			for channel, v := range x[i : i+h.channels] {
				if v > 0 {
					census.Active[channel]++
				}
			}
		}
		if _, err := binary.Encode(content[:4*n], binary.LittleEndian, x[:n]); err != nil {
			return Census{}, err
		}
		if _, err := w.Write(content[:4*n]); err != nil {
			return Census{}, err
		}
	}
	return census, nil
}

// partSuffix is that of a file which is not complete.
const partSuffix = ".part"

// writeFile lets write fill the file of that name, which appears when it is
// complete or not at all: until then it has another name, of its own for each
// attempt, so that two workers that do the same shard do not meet.
func writeFile(ctx context.Context, name string, write func(io.Writer) error) (err error) {
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return err
	}
	defer fs.Close()
	part := name + "." + uuid.NewString() + partSuffix
	f, err := fs.OpenWrite(ctx, part)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(f, batchBytes)
	err = write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = filesystem.Rename(ctx, fs, part, name)
	}
	if err != nil {
		return errors.Join(err, remove(ctx, fs, part))
	}
	return nil
}

func remove(ctx context.Context, fs filesystem.Interface, name string) error {
	remover, ok := fs.(filesystem.Remover)
	if !ok {
		return fmt.Errorf("%s should be removed, but its file system removes nothing", name)
	}
	return remover.Remove(ctx, name)
}
