package main

import (
	"image"
	"image/color"
	"slices"

	"github.com/seed88f7e06c/relu"
)

// The sheet has a row for each image. Its columns are the image and, for each
// filter, the responses and the rectified responses. The heading over these
// shows the weights of the filter and the graph of max(0, x).
const (
	cell         = 3 // an element of an image or a response is cell x cell pixels
	imageTile    = side * cell
	responseTile = responseSide * cell

	margin    = 14
	rowGap    = 6
	pairGap   = 6
	filterGap = 22
)

// drawSheet shows images, the responses to them, and those rectified.
func drawSheet(images [][]byte) image.Image {
	var responses []float32
	for _, pixels := range images {
		responses = respond(responses, pixels)
	}
	rectified := slices.Clone(responses)
	relu.InPlace(rectified)

	left := func(f int) int { return margin + imageTile + filterGap + f*(2*responseTile+pairGap+filterGap) }
	top := func(row int) int { return margin + responseTile + rowGap + row*(imageTile+rowGap) }
	sheet := image.NewPaletted(image.Rect(0, 0,
		left(len(filters))-filterGap+margin, top(len(images))-rowGap+margin), palette)
	for i := range sheet.Pix {
		sheet.Pix[i] = grey(0xE8)
	}

	for i, pixels := range images {
		fill(sheet, margin, top(i), side, cell, func(x, y int) uint8 { return grey(pixels[y*side+x]) })
	}
	for f := range filters {
		weights := filters[f].weights[:]
		fill(sheet, left(f), margin, 3, responseTile/3, values(weights, 3, largest(weights)))
		fill(sheet, left(f)+responseTile+pairGap, margin, responseSide, cell, graph)

		// One scale for a filter, so that its tiles can be compared.
		of := func(x []float32, i int) []float32 {
			return x[i*activationsPerImage+f*responseSize:][:responseSize]
		}
		// Half of it is full colour, or the faint edges would not be seen.
		limit := float32(1)
		for i := range images {
			limit = max(limit, largest(of(responses, i))/2)
		}
		for i := range images {
			// The response lies beside the pixels that it belongs to.
			y := top(i) + cell
			fill(sheet, left(f), y, responseSide, cell, values(of(responses, i), responseSide, limit))
			fill(sheet, left(f)+responseTile+pairGap, y, responseSide, cell, values(of(rectified, i), responseSide, limit))
		}
	}
	return sheet
}

// fill paints n x n cells of size x size pixels, the first at (left, top).
func fill(sheet *image.Paletted, left, top, n, size int, colour func(x, y int) uint8) {
	for y := range n * size {
		row := sheet.Pix[sheet.PixOffset(left, top+y):][:n*size]
		for x := range row {
			row[x] = colour(x/size, y/size)
		}
	}
}

// values is the colouring of a square of numbers.
func values(v []float32, width int, limit float32) func(x, y int) uint8 {
	return func(x, y int) uint8 { return signed(v[y*width+x], limit) }
}

// graph is the graph of max(0, x), a line on white.
func graph(x, y int) uint8 {
	const zero, level = responseSide / 2, 3 * responseSide / 4
	if above := level - y - max(0, x-zero); above == 0 || above == 1 {
		return grey(0x40)
	}
	return signed(0, 1)
}

// largest is the greatest magnitude in v.
func largest(v []float32) float32 {
	return max(slices.Max(v), -slices.Min(v))
}

// The palette is a ramp of greys, and one from blue through white to red.
const (
	greys  = 127
	shades = 64 // of red, and as many of blue
)

var palette = func() (p color.Palette) {
	for i := range greys {
		p = append(p, color.Gray{uint8(i * 255 / (greys - 1))})
	}
	toward := func(full uint8, shade int) uint8 { return uint8(255 - shade*(255-int(full))/shades) }
	for i := shades; i > 0; i-- {
		p = append(p, color.RGBA{toward(0x10, i), toward(0x40, i), toward(0xB0, i), 0xFF})
	}
	for i := range shades + 1 {
		p = append(p, color.RGBA{toward(0xB0, i), toward(0x10, i), toward(0x20, i), 0xFF})
	}
	return p
}()

// grey is the colour of a pixel of an image.
func grey(v uint8) uint8 {
	return uint8(int(v) * (greys - 1) / 255)
}

// signed is the colour of v: white for 0, full red from limit and full blue
// from -limit.
func signed(v, limit float32) uint8 {
	shade := max(-1, min(v/limit, 1)) * shades
	return uint8(greys + shades + int(shade))
}
