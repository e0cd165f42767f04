package main

import "testing"

// responses gives the response of filter f at (x, y).
func responses(image []byte) func(f, x, y int) float32 {
	activations := respond(nil, image)
	return func(f, x, y int) float32 {
		return activations[f*responseSize+y*responseSide+x]
	}
}

// On a plane 3x+5y every filter answers the same everywhere, and what it
// answers can be had by hand: Sobel x sees 4 differences of 6, Sobel y 4 of 10.
// The diagonals weigh both slopes by 6, the falling one 18-30, the rising one
// 18+30. The Laplacian sees no slope.
func TestResponseToAPlane(t *testing.T) {
	image := make([]byte, side*side)
	for i := range image {
		image[i] = byte(3*(i%side) + 5*(i/side))
	}
	at := responses(image)
	for f, want := range [len(filters)]float32{24, 40, -12, 48, 0} {
		for y := range responseSide {
			for x := range responseSide {
				if got := at(f, x, y); got != want {
					t.Fatalf("%s at (%d, %d): %v, want %v", filters[f].name, x, y, got, want)
				}
			}
		}
	}
}

// A single bright pixel shows each weight once, where that weight lies on it.
func TestResponseToAPixel(t *testing.T) {
	const left, top, bright = 10, 20, 200
	image := make([]byte, side*side)
	image[top*side+left] = bright
	at := responses(image)
	for f := range filters {
		for y := range responseSide {
			for x := range responseSide {
				var want float32
				if dx, dy := left-x, top-y; 0 <= dx && dx < 3 && 0 <= dy && dy < 3 {
					want = bright * filters[f].weights[dy*3+dx]
				}
				if got := at(f, x, y); got != want {
					t.Errorf("%s at (%d, %d): %v, want %v", filters[f].name, x, y, got, want)
				}
			}
		}
	}
}
