#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "librelu.h"

// Exits with 0 if every length of C's memory comes out right.
int main(void) {
	for (size_t n = 0; n < 1000; n++) {
		float *x = malloc((n + 1) * sizeof *x);
		for (size_t i = 0; i <= n; i++)
			x[i] = i % 3 ? (float)i : -(float)i;
		relu_inplace(x, n);
		for (size_t i = 0; i <= n; i++) {
			float want = i % 3 ? (float)i : i < n ? 0 : -(float)i;
			if (x[i] != want || signbit(x[i]) != signbit(want)) {
				printf("length %zu, index %zu: %g, want %g\n", n, i, x[i], want);
				return 1;
			}
		}
		free(x);
	}
	return !relu_assembly();
}
