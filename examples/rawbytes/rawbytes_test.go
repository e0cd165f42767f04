package rawbytes

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/seed88f7e06c/relu"
)

// asBytes is the memory of x as bytes, without a copy. What is read into it is
// aligned, so prefer it to asFloats where the memory is yours to allocate.
func asBytes(x []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*4)
}

// asFloats is the memory of b as float32, without a copy. Not every CPU can
// load a float32 from every address, so b must be aligned.
func asFloats(b []byte) ([]float32, error) {
	start := unsafe.Pointer(unsafe.SliceData(b))
	switch {
	case len(b)%4 != 0:
		return nil, fmt.Errorf("%d bytes are no whole number of float32", len(b))
	case uintptr(start)%unsafe.Alignof(float32(0)) != 0:
		return nil, errors.New("the bytes are not aligned as float32 are")
	}
	return unsafe.Slice((*float32)(start), len(b)/4), nil
}

// swapOnBigEndian changes x between little-endian, which files and protocols
// mostly have, and the machine's byte order. On most machines these are one.
func swapOnBigEndian(x []float32) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return
	}
	for b := range slices.Chunk(asBytes(x), 4) {
		slices.Reverse(b)
	}
}

// Example_file rectifies the little-endian float32 in a file, which come after
// a header of six bytes. They are read into the memory of a []float32, so the
// length of the header does not matter.
func Example_file() {
	name := filepath.Join(os.TempDir(), fmt.Sprintf("relu-%d", os.Getpid()))
	defer os.Remove(name)
	content, _ := binary.Append([]byte("header"), binary.LittleEndian, []float32{-1, 2, -3, 4})
	if err := os.WriteFile(name, content, 0o600); err != nil {
		fmt.Println(err)
		return
	}

	if err := rectifyFile(name, len("header"), 4); err != nil {
		fmt.Println(err)
		return
	}

	content, err := os.ReadFile(name)
	fmt.Printf("% x %v\n", content, err)
	// Output: 68 65 61 64 65 72 00 00 00 00 00 00 00 40 00 00 00 00 00 00 80 40 <nil>
}

// rectifyFile rectifies the n float32 that start at an offset.
func rectifyFile(name string, offset, n int) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	x := make([]float32, n)
	if _, err := f.ReadAt(asBytes(x), int64(offset)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	swapOnBigEndian(x)
	relu.InPlace(x)
	swapOnBigEndian(x)
	if _, err := f.WriteAt(asBytes(x), int64(offset)); err != nil {
		return err
	}
	return f.Close()
}

// Example_socket is a server that rectifies what it is sent, a thousand
// little-endian float32 at a time and the rest at the end.
func Example_socket() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() { served <- serve(listener) }()

	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	binary.Write(conn, binary.LittleEndian, []float32{-1, 2, -3, 4, float32(math.Inf(-1))})
	conn.(*net.TCPConn).CloseWrite()
	y := make([]float32, 5)
	err = binary.Read(conn, binary.LittleEndian, y)
	fmt.Println(y, err, <-served)
	// Output: [0 2 0 4 0] <nil> <nil>
}

func serve(listener net.Listener) error {
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	return rectifyStream(conn, conn)
}

// rectifyStream rectifies what it reads until there is no more.
func rectifyStream(w io.Writer, r io.Reader) error {
	buffer := make([]float32, 1000)
	for {
		n, err := io.ReadFull(r, asBytes(buffer))
		x := buffer[:n/4]
		swapOnBigEndian(x)
		relu.InPlace(x)
		swapOnBigEndian(x)
		if _, err := w.Write(asBytes(x)); err != nil {
			return err
		}
		switch {
		case err == io.ErrUnexpectedEOF && n%4 != 0:
			return fmt.Errorf("the stream ends %d bytes into a float32", n%4)
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// Example_bytes rectifies bytes that somebody else allocated, where they lie.
// Here they have this machine's byte order.
func Example_bytes() {
	// Eight bytes of header leave what follows aligned; six would not.
	message, _ := binary.Append([]byte("a header"), binary.NativeEndian, []float32{-1, 2, -3, 4})

	x, err := asFloats(message[8:])
	if err != nil {
		fmt.Println(err)
		return
	}
	relu.InPlace(x)

	same := make([]float32, 4)
	binary.Decode(message[8:], binary.NativeEndian, same)
	fmt.Println("in the message:", same)

	_, err = asFloats(message[6:22])
	fmt.Println("from byte 6:", err)
	_, err = asFloats(message[8:22])
	fmt.Println("up to byte 22:", err)
	// Output:
	// in the message: [0 2 0 4]
	// from byte 6: the bytes are not aligned as float32 are
	// up to byte 22: 14 bytes are no whole number of float32
}

func TestRectifyStream(t *testing.T) {
	for _, n := range []int{0, 1, 999, 1000, 1001, 2500} {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(i - n/2)
		}
		in, _ := binary.Append(nil, binary.LittleEndian, x)
		for i := range x {
			x[i] = max(0, x[i])
		}
		want, _ := binary.Append(nil, binary.LittleEndian, x)
		var got strings.Builder
		if err := rectifyStream(&got, strings.NewReader(string(in))); err != nil || got.String() != string(want) {
			t.Errorf("%d elements: % x, error %v, want % x", n, got.String(), err, want)
		}
	}
	var got strings.Builder
	err := rectifyStream(&got, strings.NewReader("\x00\x00\x80\x3f\x00\x00"))
	if err == nil || err.Error() != "the stream ends 2 bytes into a float32" || got.String() != "\x00\x00\x80\x3f" {
		t.Errorf("% x, error %v", got.String(), err)
	}
}

func TestRectifyFileTooShort(t *testing.T) {
	name := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(name, make([]byte, 15), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rectifyFile(name, 0, 4); !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), name) {
		t.Errorf("the error is %v", err)
	}
}
