// Package canvas draws rectangles and text, to an SVG or a PNG file.
package canvas

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Width and Height are the size of every picture; a PNG has scale pixels for
// each.
const (
	Width  = 800
	Height = 450
	scale  = 2
)

const fontSize = 14

// Anchor is the part of a text that lies where it is put.
type Anchor int

const (
	Start Anchor = iota
	Middle
	End
)

// Canvas is a picture. Its y grows downwards.
type Canvas interface {
	Rect(x0, y0, x1, y1 float64, c color.NRGBA)
	Text(x, y float64, anchor Anchor, text string, c color.NRGBA)
	io.WriterTo
}

// New is an empty picture for a file of that extension: svg or png.
func New(extension string) (Canvas, error) {
	if extension == "svg" {
		return newSVG(), nil
	}
	return newPNG()
}

type svg struct{ bytes.Buffer }

func newSVG() *svg {
	s := new(svg)
	fmt.Fprintf(s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" font-family="sans-serif" font-size="%[3]d">
<rect width="%[1]d" height="%[2]d" fill="#fff"/>
`, Width, Height, fontSize)
	return s
}

func (s *svg) Rect(x0, y0, x1, y1 float64, c color.NRGBA) {
	fmt.Fprintf(s, `<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f" fill="#%02x%02x%02x" shape-rendering="crispEdges"/>`+"\n", x0, y0, x1-x0, y1-y0, c.R, c.G, c.B)
}

func (s *svg) Text(x, y float64, anchor Anchor, text string, c color.NRGBA) {
	fmt.Fprintf(s, `<text x="%.2f" y="%.2f" text-anchor="%s" fill="#%02x%02x%02x">`, x, y, [...]string{"start", "middle", "end"}[anchor], c.R, c.G, c.B)
	xml.EscapeText(s, []byte(text))
	s.WriteString("</text>\n")
}

func (s *svg) WriteTo(w io.Writer) (int64, error) {
	s.WriteString("</svg>\n")
	return s.Buffer.WriteTo(w)
}

type pixels struct {
	*image.NRGBA
	face font.Face
}

func newPNG() (*pixels, error) {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: fontSize * scale, DPI: 72})
	if err != nil {
		return nil, err
	}
	p := &pixels{image.NewNRGBA(image.Rect(0, 0, Width*scale, Height*scale)), face}
	draw.Draw(p, p.Bounds(), image.White, image.Point{}, draw.Src)
	return p, nil
}

func (p *pixels) Rect(x0, y0, x1, y1 float64, c color.NRGBA) {
	pixel := func(x float64) int { return int(math.Round(x * scale)) }
	draw.Draw(p, image.Rect(pixel(x0), pixel(y0), pixel(x1), pixel(y1)), image.NewUniform(c), image.Point{}, draw.Src)
}

func (p *pixels) Text(x, y float64, anchor Anchor, text string, c color.NRGBA) {
	d := font.Drawer{Dst: p, Src: image.NewUniform(c), Face: p.face}
	at := func(x float64) fixed.Int26_6 { return fixed.Int26_6(math.Round(x * scale * 64)) }
	d.Dot = fixed.Point26_6{X: at(x) - d.MeasureString(text)*fixed.Int26_6(anchor)/2, Y: at(y)}
	d.DrawString(text)
}

func (p *pixels) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		return 0, err
	}
	return b.WriteTo(w)
}
