package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// publish writes every module into dir, a folder that the go command takes as
// a GOPROXY by the URL that fileURL makes of it, and returns the names of the zips
// by the modules' paths.
func (t *tree) publish(dir string) (map[string]string, error) {
	zips := map[string]string{}
	for _, m := range t.modules {
		name, err := t.publishModule(m, dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.path, err)
		}
		zips[m.path] = name
	}
	return zips, nil
}

func (t *tree) publishModule(m *goModule, dir string) (zipName string, err error) {
	escaped, err := module.EscapePath(m.path)
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{t.version, time.Now().UTC()})
	if err != nil {
		return "", err
	}
	for ext, text := range map[string][]byte{".info": info, ".mod": m.text} {
		if err := os.WriteFile(filepath.Join(dir, t.version+ext), text, 0o666); err != nil {
			return "", err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "list"), []byte(t.version+"\n"), 0o666); err != nil {
		return "", err
	}
	f, err := os.Create(filepath.Join(dir, t.version+".zip"))
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := zip.CreateFromVCS(f, module.Version{Path: m.path, Version: t.version}, t.copied, revision, m.dir); err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

func fileURL(dir string) string {
	dir = filepath.ToSlash(dir)
	if dir[0] != '/' {
		dir = "/" + dir // of a drive
	}
	return (&url.URL{Scheme: "file", Path: dir}).String()
}
