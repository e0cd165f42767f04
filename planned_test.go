//go:build race || asan || msan

package relu

import (
	"os"
	"slices"
	"strconv"
)

// What a child process is to do: a call, and the place of the argument where something
// is wrong.
const (
	callEnv  = "RELU_TEST_CALL"
	placeEnv = "RELU_TEST_PLACE"
)

// planned is a child's environment.
func planned(c call, place int) []string {
	return []string{callEnv + "=" + c.name, placeEnv + "=" + strconv.Itoa(place)}
}

// plannedCall is what the environment of a child says.
func plannedCall() (c call, place int) {
	place, err := strconv.Atoi(os.Getenv(placeEnv))
	if err != nil {
		panic(err)
	}
	return calls[slices.IndexFunc(calls, func(c call) bool { return c.name == os.Getenv(callEnv) })], place
}
