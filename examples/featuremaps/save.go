package main

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
)

// save writes a PNG aside and renames it: path holds the whole picture or what
// it held before.
func save(path string, picture image.Image) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", path, cause(err))
		}
	}()
	file, err := os.CreateTemp(filepath.Dir(path), ".featuremaps-*.png")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // which is gone once it is renamed
	defer file.Close()
	if err := png.Encode(file, picture); err != nil {
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
