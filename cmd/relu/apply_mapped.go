package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/edsrzf/mmap-go"
)

// windowSize is how much of a file is mapped at a time: a multiple of every
// page and element size, and little enough for a 32-bit address space.
const windowSize = 64 << 20

// rectifyMapped rectifies the array in f through a memory map, window by
// window. Each is on disk before the next begins.
func rectifyMapped(f *os.File, h *header, op rectify, p *progress) error {
	head, end := int64(len(h.raw)), h.size()
	switch {
	case head%h.dtype.size != 0:
		return fmt.Errorf("cannot be done in place: its elements start at byte %d, not a multiple of %d", head, h.dtype.size)
	case bigEndianHost && h.dtype.size > 1:
		return errors.New("cannot be done in place: its elements are little-endian, and this machine is not")
	case h.count == 0:
		return nil
	}
	for from := int64(0); from < end; from += windowSize {
		window, err := mmap.MapRegion(f, int(min(windowSize, end-from)), mmap.RDWR, 0, from)
		if err != nil {
			return fmt.Errorf("cannot be mapped: %w", err)
		}
		err = rectifyWindow(window[max(0, head-from):], op, p)
		if err == nil {
			err = window.Flush()
		}
		if err = errors.Join(err, window.Unmap()); err != nil {
			return err
		}
	}
	return nil
}

// rectifyWindow rectifies the elements in window, chunk by chunk. Touching a
// page that the file no longer has, or that the disk cannot give, is a fault.
func rectifyWindow(window []byte, op rectify, p *progress) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch r := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			err = errors.New("was cut short while it was rectified, or its disk failed")
		default:
			panic(r)
		}
	}()
	for len(window) > 0 {
		part := window[:min(len(window), chunkSize)]
		op(part, 0) // what may be done twice does not ask which elements these are
		p.add(part)
		window = window[len(part):]
	}
	return nil
}
