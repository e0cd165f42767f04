package abitest

// registers are those that are compared.
var registers = [...]string{"X2, the stack pointer", "X3, the global pointer", "X4, the thread", "X27, the goroutine", "the rounding mode"}
