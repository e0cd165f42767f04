package relu

// format tells half floats apart, which have one type.
type format uint8

const (
	plain format = iota // what its type tells
	float16
	bfloat16
)
