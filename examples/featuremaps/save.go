package main

import (
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
)

// savePicture writes a PNG.
func savePicture(path string, picture image.Image) error {
	return save(path, func(w io.Writer) error { return png.Encode(w, picture) })
}

// save writes a file aside and renames it: path holds the whole file or what it
// held before.
func save(path string, write func(io.Writer) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", path, cause(err))
		}
	}()
	file, err := os.CreateTemp(filepath.Dir(path), ".featuremaps-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // which is gone once it is renamed
	defer file.Close()
	if err := write(file); err != nil {
		return err
	}
	if err := file.Chmod(0o644); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
