package main

// A response is as large as the image less the pixels at its edge, which have
// no full neighbourhood ("valid" padding).
const (
	responseSide = side - 2
	responseSize = responseSide * responseSide
)

// filter is a 3x3 kernel, row by row.
type filter struct {
	name    string
	weights [9]float32
}

// filters answer to edges. Weights and pixels are small whole numbers, and so
// are the sums: float32 holds them exactly, in whatever order they are added.
var filters = [...]filter{
	{"Sobel x", [9]float32{
		-1, 0, 1,
		-2, 0, 2,
		-1, 0, 1}},
	{"Sobel y", [9]float32{
		-1, -2, -1,
		0, 0, 0,
		1, 2, 1}},
	{"falling diagonal", [9]float32{
		0, 1, 2,
		-1, 0, 1,
		-2, -1, 0}},
	{"rising diagonal", [9]float32{
		-2, -1, 0,
		-1, 0, 1,
		0, 1, 2}},
	{"Laplacian", [9]float32{
		-1, -1, -1,
		-1, 8, -1,
		-1, -1, -1}},
}

// activationsPerImage is the number of responses of all filters to one image.
const activationsPerImage = len(filters) * responseSize

// respond appends to activations the responses to an image, filter by filter.
func respond(activations []float32, image []byte) []float32 {
	var pixels [side * side]float32
	for i, p := range image {
		pixels[i] = float32(p)
	}
	for f := range filters {
		activations = convolve(activations, &pixels, &filters[f].weights)
	}
	return activations
}

// convolve appends the response of one filter. As in neural networks the
// kernel is not mirrored.
func convolve(response []float32, pixels *[side * side]float32, w *[9]float32) []float32 {
	for y := range responseSide {
		above := pixels[y*side:][:side]
		level := pixels[(y+1)*side:][:side]
		below := pixels[(y+2)*side:][:side]
		for x := range responseSide {
			response = append(response,
				w[0]*above[x]+w[1]*above[x+1]+w[2]*above[x+2]+
					w[3]*level[x]+w[4]*level[x+1]+w[5]*level[x+2]+
					w[6]*below[x]+w[7]*below[x+1]+w[8]*below[x+2])
		}
	}
	return response
}
