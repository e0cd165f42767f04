package abitest

// registers are those that are compared.
var registers = [...]string{"R13, the goroutine", "R15, the stack pointer", "FPC's control"}
